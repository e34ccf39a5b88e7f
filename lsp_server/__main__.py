"""`python -m lsp_server` is the command `midfill`."""

from lsp_server.cli import main

main()
