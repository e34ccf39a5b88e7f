"""A little shop: what it sells, to whom, and what that costs."""
