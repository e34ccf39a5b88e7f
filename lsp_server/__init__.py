"""midfill: inline code completion with a local model, as a language server."""

from importlib.metadata import version

__version__ = version("midfill")
