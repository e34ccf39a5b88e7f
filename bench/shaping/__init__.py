"""What the rules of shaping are worth: the parts of `bench.shape`."""
