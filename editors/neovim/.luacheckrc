std = "luajit"
read_globals = { "vim" }
-- Options and variables of Neovim are set through these fields.
globals = { "vim.g", "vim.b", "vim.bo", "vim.wo", "vim.o" }
max_line_length = 120
-- The descriptions are the server's, a line each.
files["lua/midfill/settings.lua"] = { max_line_length = false }
