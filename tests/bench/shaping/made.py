"""Code that holes are made in."""

from __future__ import annotations

from bench.shaping.samples import Sample
from bench.tiny_model.corpus import Source
from tests.cursor import place

CODE = '''"""Shops."""

import sys


def price(item, tax):
    """Return what an item costs."""
    total = item.price * (1 + tax)
    if total < 0:
        raise ValueError("a price below nothing")
    return round(total, 2)


def names(items):
    found = []
    for item in items:
        found.append(item.name)

    return sorted(found, key=lambda name: name.lower())


print(names(sys.argv[1:]))
'''
GO = """package shop

import "errors"

// Price is what an item costs.
func Price(item Item, tax float64) (float64, error) {
	total := item.Price * (1 + tax)
	if total < 0 {
		return 0, errors.New("a price below nothing")
	}
	return total, nil
}

func Names(items []Item) []string {
	found := make([]string, 0, len(items))
	for _, item := range items {
		found = append(found, item.Name)
		count(found)
	}
	return found
}
"""
SHOP = Source("shop", "shop/prices.py", CODE)


def words(line: str) -> set[int]:
    """Return the borders of a tokenizer that cuts at each space, which the word behind it takes along."""
    return {0, len(line), *(at for at, character in enumerate(line) if character == " ")}


def sample(marked: str, text: str = "x", kind: str = "line") -> Sample:
    return Sample(f"{kind}#0", kind, "shop", "shop/prices.py", place(marked), text)
