-- The client's configuration for `vim.lsp.enable("midfill")` (Neovim 0.11 and later).
return require("midfill.client").config()
