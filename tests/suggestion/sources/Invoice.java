package com.acme.billing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What somebody has to pay.
 */
public final class Invoice implements Comparable<Invoice> {
    private static final double VAT = 0.19;

    private final List<Line> lines = new ArrayList<>();
    private final String number;

    public Invoice(String number) {
        if (number == null || number.isEmpty()) {
            throw new IllegalArgumentException("An invoice needs a number");
        }
        this.number = number;
    }

    public void add(String name, long cents, int count) {
        lines.add(new Line(name, cents, count));
    }

    public long total() {
        long sum = 0;
        for (Line line : lines) {
            sum += line.cents() * line.count();
        }
        return Math.round(sum * (1 + VAT));
    }

    public Map<String, Long> byName() {
        return lines.stream()
                .filter(line -> line.count() > 0)
                .collect(Collectors.groupingBy(Line::name, Collectors.counting()));
    }

    @Override
    public int compareTo(Invoice other) {
        return number.compareTo(other.number);
    }

    static String grade(long cents) {
        switch ((int) (cents / 10_000)) {
            case 0:
                return "small";
            case 1:
            case 2:
                return "usual";
            default:
                return "large";
        }
    }

    record Line(String name, long cents, int count) {
        Line {
            if (cents < 0) {
                throw new IllegalArgumentException(String.format("%s: %d", name, cents));
            }
        }
    }
}
