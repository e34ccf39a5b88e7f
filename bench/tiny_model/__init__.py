"""The recipe of the embedded model: see README.md beside this file."""
