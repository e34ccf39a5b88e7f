--- Suggestions shown by this plugin, in every Neovim since 0.10: asked for with each key, without a pause.

local accept = require("midfill.accept")
local compat = require("midfill.compat")
local ghost = require("midfill.ghost")
local item = require("midfill.item")
local quiet = require("midfill.quiet")
local report = require("midfill.report")
local transport = require("midfill.transport")

---@type midfill.View
local M = {}

local INVOKED, AUTOMATIC = 1, 2 -- InlineCompletionTriggerKind of LSP 3.18

local group = vim.api.nvim_create_augroup("midfill.own", { clear = true })

---@class midfill.Asked
---@field client vim.lsp.Client
---@field id? integer

---@type table<integer, midfill.Asked> The request under way, by buffer.
local under_way = {}

---@type table<integer, string> The place that was asked for last, by buffer.
local last_place = {}

--- Where the cursor is in which text; an answer for another place is out of date.
---@param bufnr integer
---@return string
local function place(bufnr)
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  return table.concat({ vim.api.nvim_get_current_buf(), vim.b[bufnr].changedtick, row, col }, " ")
end

---@return boolean
local function is_inserting()
  return vim.api.nvim_get_mode().mode:sub(1, 1) == "i"
end

---@param bufnr integer
local function cancel(bufnr)
  local asked = under_way[bufnr]
  under_way[bufnr] = nil
  if asked and asked.id then
    compat.cancel(asked.client, asked.id)
  end
end

---@param bufnr integer
---@param items midfill.Item[]
---@param step? integer Where another candidate than the one shown is wanted: 1 or -1.
local function show(bufnr, items, step)
  local _, rest = ghost.current(bufnr)
  local index = 1
  if step and rest then
    local first, last = 1, #items
    if step < 0 then
      first, last = last, first
    end
    for number = first, last, step do
      if ghost.rest(bufnr, items[number]) ~= rest then
        index = number
        break
      end
    end
  end
  ghost.show(bufnr, items, index, step ~= nil and #items > 1)
  if items[index] then
    report.shown(items[index].client_id, items[index].lsp)
  end
end

---@param bufnr integer
---@param kind integer
---@param step? integer
local function request(bufnr, kind, step)
  cancel(bufnr)
  local client = require("midfill.client").of(bufnr)
  if not client then
    return
  end
  local here = place(bufnr)
  local params = compat.position_params(bufnr, client.offset_encoding)
  params.context = { triggerKind = kind }
  local asked = { client = client }
  under_way[bufnr], last_place[bufnr] = asked, here
  asked.id = compat.request(client, transport.METHOD, params, function(err, result)
    if under_way[bufnr] ~= asked then
      return
    end
    under_way[bufnr] = nil
    if err or not is_inserting() then
      return
    end
    if place(bufnr) ~= here then
      -- Neovim tells of no move between the start of insert mode and its first look at the cursor.
      M.refresh(bufnr)
      return
    end
    local items = {}
    for _, each in ipairs(type(result) == "table" and (result.items or result) or {}) do
      table.insert(items, item.read(bufnr, each, client))
    end
    show(bufnr, items, step)
  end, bufnr)
end

--- Show what is left of the suggestion, and ask for the next one.
---@param bufnr integer
local function update(bufnr)
  if quiet.is_quiet(bufnr) then
    cancel(bufnr)
    ghost.hide(bufnr)
    last_place[bufnr] = nil
    return
  end
  ghost.update(bufnr)
  -- A key gives two events, one for the text and one for the cursor.
  if is_inserting() and last_place[bufnr] ~= place(bufnr) then
    request(bufnr, AUTOMATIC)
  end
end

---@param bufnr integer
local function leave(bufnr)
  cancel(bufnr)
  ghost.hide(bufnr)
  last_place[bufnr] = nil
end

function M.attach(bufnr)
  vim.api.nvim_clear_autocmds({ group = group, buffer = bufnr })
  vim.api.nvim_create_autocmd({ "TextChangedI", "CursorMovedI", "TextChangedP" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      update(bufnr)
    end,
  })
  -- These come before the mode, the menu or its selection is there.
  vim.api.nvim_create_autocmd({ "InsertEnter", "CompleteChanged", "CompleteDone" }, {
    group = group,
    buffer = bufnr,
    callback = vim.schedule_wrap(function()
      M.refresh(bufnr)
    end),
  })
  vim.api.nvim_create_autocmd({ "InsertLeave", "BufLeave" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      leave(bufnr)
    end,
  })
  -- The one before may have taken an answer with it.
  last_place[bufnr] = nil
  M.refresh(bufnr)
end

function M.accept(bufnr, part)
  return accept.accept(bufnr, part)
end

function M.cycle(bufnr, step)
  if not require("midfill.client").of(bufnr) or quiet.is_quiet(bufnr) then
    return false
  end
  if ghost.count(bufnr) > 1 then
    ghost.cycle(bufnr, step)
    local current = ghost.current(bufnr)
    if current then
      report.shown(current.client_id, current.lsp)
    end
  else
    request(bufnr, INVOKED, step)
  end
  return true
end

function M.dismiss(bufnr)
  local is_shown = ghost.current(bufnr) ~= nil
  cancel(bufnr)
  ghost.hide(bufnr)
  return is_shown
end

function M.refresh(bufnr)
  if bufnr == vim.api.nvim_get_current_buf() and is_inserting() then
    update(bufnr)
  elseif vim.api.nvim_buf_is_valid(bufnr) then
    leave(bufnr)
  end
end

return M
