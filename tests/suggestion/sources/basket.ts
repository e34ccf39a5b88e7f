import { EventEmitter } from 'node:events';
import type { Price, Voucher } from './price';

export interface Item<T = unknown> {
  readonly name: string;
  price: Price;
  count?: number;
  extra: Map<string, T>;
}

type Sorter = (a: Item, b: Item) => number;

const LIMIT = 20;

/**
 * What somebody is about to buy.
 *
 * It tells others when it changes (see `onChange`).
 */
export class Basket extends EventEmitter {
  private items: Item[] = [];

  constructor(private readonly vouchers: Voucher[] = []) {
    super();
    this.vouchers = vouchers.filter((voucher) => !voucher.used);
  }

  get total(): number {
    return this.items.reduce((sum, item) => sum + item.price.cents * (item.count ?? 1), 0);
  }

  add(item: Item): boolean {
    if (this.items.length >= LIMIT) {
      return false;
    } else if (item.price.cents < 0) {
      throw new Error(`A price of ${item.price.cents} is none: "${item.name}"`);
    }
    this.items.push(item);
    this.emit('change', { total: this.total });
    return true;
  }

  async load(url: string): Promise<void> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ limit: LIMIT }),
      });
      for (const item of (await response.json()) as Item[]) {
        this.add(item);
      }
    } catch (error) {
      console.error('not loaded', error);
    } finally {
      this.emit('loaded');
    }
  }
}

export function sorted(items: Item[], by: keyof Item): Item[] {
  const sorter: Sorter = (a, b) => {
    switch (by) {
      case 'name':
        return a.name.localeCompare(b.name);
      case 'price':
        return a.price.cents - b.price.cents;
      default:
        return 0;
    }
  };
  return items
    .slice()
    .sort(sorter)
    .filter((item) => item.count !== 0);
}
