package com.acme.billing;

/** One row of an invoice. */
public record InvoiceItem(String description, int pieceCount, long pieceInCents) {
    public long priceInCents() {
        return pieceCount * pieceInCents;
    }
}
