--- Who shows the suggestions: Neovim, or this plugin.

local M = {}

---@class midfill.View
---@field attach fun(bufnr: integer, client: vim.lsp.Client) The server serves this buffer from now on.
---@field accept fun(bufnr: integer, part: midfill.Part): boolean False where none is shown.
---@field cycle fun(bufnr: integer, step: integer): boolean Show another candidate; false where no server is.
---@field dismiss fun(bufnr: integer): boolean False where none is shown.
---@field refresh fun(bufnr: integer) What is quiet has changed.

---@return midfill.View
function M.get()
  return require(require("midfill.config").is_native() and "midfill.native" or "midfill.own")
end

return M
