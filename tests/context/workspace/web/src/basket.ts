import { Price, sumOfPrices } from "@/price";

export interface BasketItem {
  articleNumber: string;
  quantity: number;
  unitPrice: Price;
}

/** What a visitor has chosen so far. */
export class Basket {
  private readonly items: BasketItem[] = [];

  putIntoBasket(item: BasketItem): void {
    this.items.push(item);
  }

  takeOutOfBasket(articleNumber: string): boolean {
    const index = this.items.findIndex((item) => item.articleNumber === articleNumber);
    return index >= 0 && this.items.splice(index, 1).length === 1;
  }

  sumOfBasket(): Price {
    return sumOfPrices(this.items.map((item) => item.unitPrice));
  }
}
