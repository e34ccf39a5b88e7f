package com.acme.billing;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** What a customer has to pay. */
public final class Invoice {
    private final List<InvoiceItem> items = new ArrayList<>();
    private LocalDate dueDate;

    public void addItem(InvoiceItem item) {
        items.add(item);
    }

    public long netAmountInCents() {
        return items.stream().mapToLong(InvoiceItem::priceInCents).sum();
    }

    public boolean isOverdue(LocalDate today) {
        return dueDate != null && today.isAfter(dueDate);
    }
}
