--- Items of the protocol as those that are shown: positions in bytes of the buffer, lines as in the buffer.

local compat = require("midfill.compat")

local M = {}

--- Neovim keeps lines without their ends and writes the file's own, so a suggestion has "\n" only.
---@param text string
---@return string
function M.with_plain_line_ends(text)
  return (text:gsub("\r\n?", "\n"))
end

---@param bufnr integer
---@param position lsp.Position
---@param encoding string
---@return integer byte
local function byte(bufnr, position, encoding)
  local line = vim.api.nvim_buf_get_lines(bufnr, position.line, position.line + 1, false)[1] or ""
  return compat.byte(line, position.character, encoding)
end

--- Read an item that has been asked for at the cursor or, where one has typed along since, a little before it.
---@param bufnr integer
---@param item lsp.InlineCompletionItem
---@param client vim.lsp.Client
---@return midfill.Item? item Nothing for a snippet, and for a range that ends on another line.
function M.read(bufnr, item, client)
  if type(item.insertText) ~= "string" then
    return nil
  end
  local position = vim.api.nvim_win_get_cursor(0)
  local row, col = position[1] - 1, position[2]
  local line = vim.api.nvim_get_current_line()
  local start_row, start_col, end_col = row, col, col
  if item.range then
    if item.range["end"].line ~= row then
      return nil
    end
    start_row = item.range.start.line
    start_col = byte(bufnr, item.range.start, client.offset_encoding)
    end_col = byte(bufnr, item.range["end"], client.offset_encoding)
  end
  return {
    text = M.with_plain_line_ends(item.insertText),
    row = start_row,
    col = start_col,
    after = line:sub(col + 1),
    overwrite = math.max(0, end_col - col),
    client_id = client.id,
    lsp = item,
  }
end

return M
