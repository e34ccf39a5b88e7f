package com.acme.billing;

import java.util.Map;

/** Taxes by country. */
public final class TaxTable {
    private final Map<String, Integer> permilleByCountry;

    public TaxTable(Map<String, Integer> permilleByCountry) {
        this.permilleByCountry = permilleByCountry;
    }

    public long taxForCountry(String country, long netInCents) {
        return netInCents * permilleByCountry.getOrDefault(country, 0) / 1000;
    }
}
