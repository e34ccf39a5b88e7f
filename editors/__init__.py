"""The clients: each editor has a folder."""
