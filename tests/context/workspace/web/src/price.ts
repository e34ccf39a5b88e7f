export interface Price {
  cents: number;
  currencyCode: string;
}

/** Writes a price as people read it. */
export function formatPrice(price: Price, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency: price.currencyCode }).format(price.cents / 100);
}

export function sumOfPrices(prices: readonly Price[]): Price {
  const cents = prices.reduce((sum, price) => sum + price.cents, 0);
  return { cents, currencyCode: prices[0]?.currencyCode ?? "EUR" };
}
