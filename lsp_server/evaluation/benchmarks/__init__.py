"""One module for each published benchmark: its format, and what its authors count."""
