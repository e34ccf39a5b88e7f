"""The clients in real editors: VS Code and Neovim, each started by the tests."""
