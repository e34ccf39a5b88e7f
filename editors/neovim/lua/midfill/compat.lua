--- What Neovim 0.10 spells differently from later versions.

local M = {}

local is_new = vim.fn.has("nvim-0.11") == 1

--- Send a request. The handler is not called for one that is cancelled.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param handler fun(err: lsp.ResponseError?, result: any)
---@param bufnr integer
---@return integer? id Nothing where the server is gone.
function M.request(client, method, params, handler, bufnr)
  local _, id
  if is_new then
    _, id = client:request(method, params, handler, bufnr)
  else
    _, id = client.request(method, params, handler, bufnr)
  end
  return id
end

---@param client vim.lsp.Client
---@param method string
---@param params table
function M.notify(client, method, params)
  if is_new then
    client:notify(method, params)
  else
    client.notify(method, params)
  end
end

---@param client vim.lsp.Client
---@param id integer
function M.cancel(client, id)
  if is_new then
    client:cancel_request(id)
  else
    client.cancel_request(id)
  end
end

---@param client vim.lsp.Client
function M.stop(client)
  if is_new then
    client:stop()
  else
    client.stop()
  end
end

--- The byte that a position's character stands at; the line's end for what is behind it.
---@param line string
---@param character integer
---@param encoding string "utf-8", "utf-16" or "utf-32"
---@return integer byte 0-based
function M.byte(line, character, encoding)
  if encoding == "utf-8" then
    return math.min(character, #line)
  end
  if is_new then
    return vim.str_byteindex(line, encoding, character, false)
  end
  local utf32, utf16 = vim.str_utfindex(line)
  if encoding == "utf-16" then
    return vim.str_byteindex(line, math.min(character, utf16), true)
  end
  return vim.str_byteindex(line, math.min(character, utf32))
end

--- A text's length in the units of an encoding.
---@param text string
---@param encoding string "utf-8", "utf-16" or "utf-32"
---@return integer
function M.length(text, encoding)
  if encoding == "utf-8" then
    return #text
  end
  if is_new then
    return vim.str_utfindex(text, encoding)
  end
  local utf32, utf16 = vim.str_utfindex(text)
  return encoding == "utf-16" and utf16 or utf32
end

--- The parameters that say where the cursor is. Those of Neovim 0.10 are wrong behind wide characters.
---@param bufnr integer The current buffer.
---@param encoding string
---@return table
function M.position_params(bufnr, encoding)
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  local before = vim.api.nvim_get_current_line():sub(1, col)
  return {
    textDocument = { uri = vim.uri_from_bufnr(bufnr) },
    position = { line = row - 1, character = M.length(before, encoding) },
  }
end

return M
