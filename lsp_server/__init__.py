"""midfill: inline code completion with a local model, as a language server."""

__version__ = "0.1.0"
