--- A suggestion on the screen, and what is left of it while one types. Knows no server and no keys.

local M = {}

local namespace = vim.api.nvim_create_namespace("midfill")

---@class midfill.Item A candidate, in bytes and with lines that end in "\n" whatever the file's do.
---@field text string What is to stand between `row`, `col` and the cursor.
---@field row integer 0-based
---@field col integer 0-based
---@field after string What stood behind the cursor on its line when it was asked for.
---@field overwrite integer How many bytes of `after` it takes the place of.
---@field client_id integer
---@field lsp lsp.InlineCompletionItem As the server sent it.

---@class midfill.Shown
---@field items midfill.Item[]
---@field index integer
---@field is_counted boolean Whether "(2/3)" is shown with it.

---@type table<integer, midfill.Shown> By buffer.
local shown = {}

---@param bufnr integer
---@return integer row, integer col
local function cursor(bufnr)
  local window = vim.api.nvim_get_current_win()
  if vim.api.nvim_win_get_buf(window) ~= bufnr then
    return -1, -1
  end
  local position = vim.api.nvim_win_get_cursor(window)
  return position[1] - 1, position[2]
end

--- What is left of an item at the cursor.
---@param bufnr integer
---@param item midfill.Item
---@return string? rest Nothing where something else has been typed, or all of it.
function M.rest(bufnr, item)
  local row, col = cursor(bufnr)
  if row < item.row or (row == item.row and col < item.col) then
    return nil
  end
  local line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1]
  if not line or line:sub(col + 1) ~= item.after then
    return nil
  end
  local ok, typed = pcall(vim.api.nvim_buf_get_text, bufnr, item.row, item.col, row, col, {})
  local prefix = ok and table.concat(typed, "\n")
  if not prefix or not vim.startswith(item.text, prefix) or #item.text == #prefix then
    return nil
  end
  return item.text:sub(#prefix + 1)
end

--- Virtual text of a buffer's line shows tabs as they are in the buffer only where they have been expanded.
---@param bufnr integer
---@param text string
---@param column integer The display column at which it begins.
---@return string
local function expand_tabs(bufnr, text, column)
  if not text:find("\t", 1, true) then
    return text
  end
  local width, parts = vim.bo[bufnr].tabstop, {}
  for part, tab in text:gmatch("([^\t]*)(\t?)") do
    column = column + vim.fn.strdisplaywidth(part)
    local spaces = tab == "" and 0 or width - column % width
    column = column + spaces
    table.insert(parts, part .. (" "):rep(spaces))
  end
  return table.concat(parts)
end

---@param bufnr integer
---@param rest string
---@param hint string? Stands behind the last line.
local function draw(bufnr, rest, hint)
  local row, col = cursor(bufnr)
  local line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1]
  local column = vim.fn.strdisplaywidth(line:sub(1, col))
  local lines = {}
  for number, text in ipairs(vim.split(rest, "\n", { plain = true })) do
    lines[number] = { { expand_tabs(bufnr, text, number == 1 and column or 0), "MidfillSuggestion" } }
  end
  if hint then
    table.insert(lines[#lines], { hint, "MidfillHint" })
  end
  vim.api.nvim_buf_set_extmark(bufnr, namespace, row, col, {
    -- One mark that moves: with a new one for each key the suggestion would flicker.
    id = 1,
    virt_text = lines[1],
    virt_text_pos = "inline",
    virt_lines = vim.list_slice(lines, 2),
    hl_mode = "combine",
  })
end

--- Show an item of several; where it does not fit at the cursor any more, nothing.
---@param bufnr integer
---@param items midfill.Item[]
---@param index? integer
---@param is_counted? boolean
function M.show(bufnr, items, index, is_counted)
  if #items == 0 then
    M.hide(bufnr)
    return
  end
  shown[bufnr] = { items = items, index = index or 1, is_counted = is_counted or false }
  M.update(bufnr)
end

--- Show what is left of the suggestion after a key; hide it where it does not fit any more.
---@param bufnr integer
function M.update(bufnr)
  local current = shown[bufnr]
  if not current then
    return
  end
  local rest = M.rest(bufnr, current.items[current.index])
  if not rest then
    M.hide(bufnr)
    return
  end
  local hint = current.is_counted and (" (%d/%d)"):format(current.index, #current.items) or nil
  draw(bufnr, rest, hint)
end

--- Draw what will be left when a part has been inserted: inserting draws the screen at once, and pushes it along.
---@param bufnr integer
---@param rest string
function M.shorten(bufnr, rest)
  if rest == "" then
    M.hide(bufnr)
  else
    draw(bufnr, rest)
  end
end

--- The item that is shown, and what is left of it.
---@param bufnr integer
---@return midfill.Item? item, string? rest
function M.current(bufnr)
  local current = shown[bufnr]
  if not current then
    return nil
  end
  local item = current.items[current.index]
  local rest = M.rest(bufnr, item)
  if not rest then
    return nil
  end
  return item, rest
end

--- How many candidates there are.
---@param bufnr integer
---@return integer
function M.count(bufnr)
  return shown[bufnr] and #shown[bufnr].items or 0
end

--- Show another candidate.
---@param bufnr integer
---@param step integer 1 for the next one, -1 for the previous one.
function M.cycle(bufnr, step)
  local current = shown[bufnr]
  if current then
    local index = (current.index - 1 + step) % #current.items + 1
    M.show(bufnr, current.items, index, true)
  end
end

---@param bufnr integer
function M.hide(bufnr)
  shown[bufnr] = nil
  if vim.api.nvim_buf_is_valid(bufnr) then
    vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

return M
