import { expect, test } from "vitest";
import { Basket } from "@/basket";

test("what is taken out costs nothing", () => {
  const basket = new Basket();
  basket.putIntoBasket({ articleNumber: "tea", quantity: 1, unitPrice: { cents: 350, currencyCode: "EUR" } });
  expect(basket.takeOutOfBasket("tea")).toBe(true);
  expect(basket.sumOfBasket().cents).toBe(0);
});
