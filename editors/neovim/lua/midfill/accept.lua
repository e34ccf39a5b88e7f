--- Putting the suggestion that is shown, or a part of it, into the buffer.

local ghost = require("midfill.ghost")
local report = require("midfill.report")

local M = {}

---@alias midfill.Part "all"|"word"|"line"

--- Bytes of other alphabets count as letters: a part must not end within a character.
local WORD, PUNCTUATION = "^%s*[%w_\128-\255]+", "^%s*[^%w_%s\128-\255]+"

---@type table<midfill.Part, fun(rest: string): string>
local parts = {
  all = function(rest)
    return rest
  end,
  word = function(rest)
    return rest:match(WORD) or rest:match(PUNCTUATION) or rest
  end,
  line = function(rest)
    return rest:match("^\n?[^\n]*")
  end,
}

--- Insert at the cursor as one step of undo.
---@param bufnr integer
---@param text string
---@param overwrite integer Bytes behind the cursor that go.
local function insert(bufnr, text, overwrite)
  -- Setting the option ends the step that what was typed before belongs to.
  vim.bo[bufnr].undolevels = vim.bo[bufnr].undolevels
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  if overwrite > 0 then
    vim.api.nvim_buf_set_text(bufnr, row - 1, col, row - 1, col + overwrite, {})
  end
  local lines = vim.split(text, "\n", { plain = true })
  if #lines == 1 then
    -- This way it belongs to what "." repeats. Lines would be indented once more there.
    vim.api.nvim_paste(text, false, -1)
  else
    vim.api.nvim_buf_set_text(bufnr, row - 1, col, row - 1, col, lines)
    vim.api.nvim_win_set_cursor(0, { row + #lines - 1, #lines[#lines] })
  end
  -- What is typed from here on is a step of its own.
  vim.api.nvim_feedkeys(vim.keycode("<C-g>u"), "ni", false)
end

--- Accept the suggestion that is shown, or a part of it.
---@param bufnr integer The current buffer.
---@param part midfill.Part
---@return boolean is_accepted False where none is shown.
function M.accept(bufnr, part)
  local item, rest = ghost.current(bufnr)
  if not item or not rest then
    return false
  end
  local text = parts[part](rest)
  local is_all = #text == #rest
  ghost.shorten(bufnr, rest:sub(#text + 1))
  insert(bufnr, text, is_all and item.overwrite or 0)
  ghost.update(bufnr)
  report.accepted(item, item.text:sub(1, #item.text - #rest + #text), bufnr)
  return true
end

return M
