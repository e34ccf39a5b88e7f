"""Benchmarks, and the recipe of the embedded model. Not part of the installed package."""
