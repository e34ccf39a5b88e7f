"""Holes of the repository at hand: `files` says in which of its files, `kinds` where, `holes` draws them."""
