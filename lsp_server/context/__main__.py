"""Runs the library's process: ``python -m lsp_server.context``."""

from lsp_server.context.service import main

main()
