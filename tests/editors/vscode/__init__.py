"""Tests of the extension in a real VS Code: code-server, driven through Chromium."""
