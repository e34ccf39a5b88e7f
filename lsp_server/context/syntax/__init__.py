"""tree-sitter: what a language's query finds in a text, and texts that are parsed again at each key.

The only package that imports tree_sitter. A language is a row of `grammars.py`.
"""
