--- Telling the server what becomes of its suggestions.

local compat = require("midfill.compat")

local M = {}

--- An item has been shown.
---@param client_id integer
---@param item lsp.InlineCompletionItem
function M.shown(client_id, item)
  local client = vim.lsp.get_client_by_id(client_id)
  if client then
    compat.notify(client, "textDocument/didShowCompletion", { item = item })
  end
end

--- An item, or the beginning of it, has been accepted.
---@param item midfill.Item
---@param accepted string What of the item's text stands in the buffer now.
---@param bufnr integer
function M.accepted(item, accepted, bufnr)
  local client = vim.lsp.get_client_by_id(item.client_id)
  if not client then
    return
  end
  if accepted ~= item.text then
    local has_dos_ends = item.lsp.insertText:find("\r\n", 1, true) ~= nil
    local as_sent = has_dos_ends and accepted:gsub("\n", "\r\n") or accepted
    local params = { item = item.lsp, acceptedLength = compat.length(as_sent, "utf-16") }
    compat.notify(client, "textDocument/didPartiallyAcceptCompletion", params)
  elseif item.lsp.command then
    local params = { command = item.lsp.command.command, arguments = item.lsp.command.arguments }
    compat.request(client, "workspace/executeCommand", params, function() end, bufnr)
  end
end

return M
