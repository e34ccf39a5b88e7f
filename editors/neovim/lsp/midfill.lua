-- The client's configuration for `vim.lsp.enable("midfill")` (Neovim 0.11 and later).
return {
  cmd = { "midfill", "serve" },
  root_markers = { ".git", "pyproject.toml", "package.json", "Cargo.toml", "go.mod" },
}
