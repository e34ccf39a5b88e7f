--- Inline code completion by a model on your own machine. `:help midfill` says all of it.

local M = {}

---@param message string
local function complain(message)
  vim.notify(message, vim.log.levels.ERROR)
end

---@param highlight? string|vim.api.keyset.highlight
local function set_highlights(highlight)
  local has_native = vim.fn.hlexists("ComplHint") == 1
  local normal = { link = has_native and "ComplHint" or "Comment", default = true }
  if type(highlight) == "string" then
    highlight = { link = highlight }
  end
  vim.api.nvim_set_hl(0, "MidfillSuggestion", highlight or normal)
  vim.api.nvim_set_hl(
    0,
    "MidfillHint",
    { link = has_native and "ComplHintMore" or "NonText", default = true }
  )
  if highlight and has_native then
    -- Neovim's own ghost text has no group of its own for each server.
    vim.api.nvim_set_hl(0, "ComplHint", highlight)
  end
end

--- Start midfill in all files, and map its keys. May be called again with other options.
---@param options? midfill.Options
function M.setup(options)
  if vim.fn.has("nvim-0.10") == 0 then
    complain("midfill needs Neovim 0.10 or later.")
    return
  end
  local config = require("midfill.config")
  for _, problem in ipairs(config.set(options)) do
    complain(problem)
  end
  vim.g.midfill_is_set_up = true
  require("midfill.keys").map(config.options.keymaps)
  local group = vim.api.nvim_create_augroup("midfill", { clear = true })
  set_highlights(config.options.highlight)
  vim.api.nvim_create_autocmd("ColorScheme", {
    group = group,
    callback = function()
      set_highlights(config.options.highlight)
    end,
  })
  -- Neovim's LSP client takes some milliseconds to load; the file is on the screen first.
  local start = vim.schedule_wrap(function(bufnr)
    if vim.api.nvim_buf_is_valid(bufnr) then
      require("midfill.client").start(bufnr)
    end
  end)
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    callback = function(event)
      start(event.buf)
    end,
  })
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) and vim.bo[bufnr].filetype ~= "" then
      start(bufnr)
    end
  end
end

--- The state in a few characters, for a status line: "tiny", "tiny…", "42 %", "paused", "error", or "" where no
--- server is attached. `User MidfillStatus` comes when it changes.
---@param bufnr? integer The current buffer by default.
---@return string
function M.status(bufnr)
  if not package.loaded["midfill.client"] then
    return ""
  end
  return require("midfill.status").text(bufnr or vim.api.nvim_get_current_buf())
end

--- Accept the suggestion, or a part of it.
---@param part? midfill.Part All of it by default.
---@return boolean is_accepted False where none is shown.
function M.accept(part)
  return require("midfill.view").get().accept(vim.api.nvim_get_current_buf(), part or "all")
end

--- Show the next candidate; ask for some where there is none.
---@return boolean is_done False where no server is attached, or nothing may be shown.
function M.next()
  return require("midfill.view").get().cycle(vim.api.nvim_get_current_buf(), 1)
end

--- Show the previous candidate.
---@return boolean is_done As for `next()`.
function M.previous()
  return require("midfill.view").get().cycle(vim.api.nvim_get_current_buf(), -1)
end

--- Hide the suggestion.
---@return boolean is_done False where none is shown.
function M.dismiss()
  return require("midfill.view").get().dismiss(vim.api.nvim_get_current_buf())
end

return M
