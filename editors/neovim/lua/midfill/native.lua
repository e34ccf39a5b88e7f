--- Suggestions shown by Neovim 0.12 itself (`vim.lsp.inline_completion`).
---
--- Neovim keeps showing a suggestion after keys that do not fit it, until the next answer, and inserts it where it
--- began. So what does not fit is hidden here, and accepting goes by `accept.lua`. What is left after accepting a part
--- is shown by `ghost.lua` until Neovim has the next answer, which it asks for after 0.2 s.

local accept = require("midfill.accept")
local ghost = require("midfill.ghost")
local item = require("midfill.item")
local quiet = require("midfill.quiet")
local report = require("midfill.report")
local transport = require("midfill.transport")

---@type midfill.View
local M = {}

local INVOKED = 1 -- InlineCompletionTriggerKind of LSP 3.18

local group = vim.api.nvim_create_augroup("midfill.native", { clear = true })
local namespace = vim.api.nvim_create_namespace("nvim.lsp.inline_completion")

---@type table<integer, midfill.Item[]> The last answer, by buffer.
local answers = {}

---@type table<integer, integer> Which way to go when the candidates are there that have been asked for, by buffer.
local wanted_steps = {}

---@return boolean
local function is_inserting()
  return vim.api.nvim_get_mode().mode:sub(1, 1) == "i"
end

---@param bufnr integer
---@return boolean
local function is_shown(bufnr)
  return #vim.api.nvim_buf_get_extmarks(bufnr, namespace, 0, -1, { limit = 1 }) > 0
end

--- Hide what Neovim shows and does not fit.
---@param bufnr integer
local function tidy(bufnr)
  if not is_shown(bufnr) or #vim.lsp.get_clients({ bufnr = bufnr, method = transport.METHOD }) > 1 then
    return
  end
  local fits = not quiet.is_quiet(bufnr)
    and vim.iter(answers[bufnr] or {}):any(function(each)
      return ghost.rest(bufnr, each) ~= nil
    end)
  if not fits then
    vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

--- Let Neovim ask anew, as if the cursor had moved.
---@param bufnr integer
local function ask(bufnr)
  local name = "nvim.lsp.inline_completion:" .. bufnr
  pcall(vim.api.nvim_exec_autocmds, "CursorMovedI", { group = name, buffer = bufnr, modeline = false })
end

---@param bufnr integer
---@param params table
local function asked(bufnr, params)
  if wanted_steps[bufnr] then
    params.context.triggerKind = INVOKED
  end
end

---@param bufnr integer
---@param items lsp.InlineCompletionItem[]
---@param handle fun()
local function answered(bufnr, items, handle)
  local client = require("midfill.client").of(bufnr)
  if not client or bufnr ~= vim.api.nvim_get_current_buf() then
    return
  end
  answers[bufnr] = vim
    .iter(items)
    :map(function(each)
      return item.read(bufnr, each, client)
    end)
    :totable()
  ghost.hide(bufnr)
  handle()
  local step = wanted_steps[bufnr]
  wanted_steps[bufnr] = nil
  if step and #items > 1 then
    vim.lsp.inline_completion.select({ bufnr = bufnr, count = step })
  end
  tidy(bufnr)
  if items[1] and is_shown(bufnr) then
    report.shown(client.id, items[1])
  end
end

---@param bufnr integer
local function watch(bufnr)
  vim.api.nvim_clear_autocmds({ group = group, buffer = bufnr })
  vim.api.nvim_create_autocmd({ "TextChangedI", "CursorMovedI", "TextChangedP" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      ghost.update(bufnr)
      tidy(bufnr)
    end,
  })
  vim.api.nvim_create_autocmd("CompleteChanged", {
    group = group,
    buffer = bufnr,
    callback = vim.schedule_wrap(function()
      tidy(bufnr)
    end),
  })
  vim.api.nvim_create_autocmd({ "InsertLeave", "BufLeave" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      ghost.hide(bufnr)
      wanted_steps[bufnr] = nil
    end,
  })
end

function M.attach(bufnr)
  transport.watcher = { asked = asked, answered = answered }
  -- Neovim makes what shows the suggestions when the client has been attached, and again when another one comes after
  -- a crash. What watches the cursor here has to come behind that: it tidies up after it.
  vim.schedule(function()
    if not vim.api.nvim_buf_is_valid(bufnr) then
      return
    end
    vim.lsp.inline_completion.enable(true, { bufnr = bufnr })
    vim.schedule(function()
      if vim.api.nvim_buf_is_valid(bufnr) then
        watch(bufnr)
        M.refresh(bufnr)
      end
    end)
  end)
end

function M.accept(bufnr, part)
  if accept.accept(bufnr, part) then
    return true
  end
  if not is_shown(bufnr) then
    return false
  end
  return vim.lsp.inline_completion.get({
    bufnr = bufnr,
    on_accept = function(chosen)
      local own = vim.iter(answers[bufnr] or {}):find(function(each)
        return each.client_id == chosen.client_id and each.lsp.insertText == chosen.insert_text
      end)
      if not own then
        -- It is another server's.
        return part == "all" and chosen or nil
      end
      if is_inserting() then
        ghost.show(bufnr, { own })
        accept.accept(bufnr, part)
      end
    end,
  })
end

function M.cycle(bufnr, step)
  if not require("midfill.client").of(bufnr) or quiet.is_quiet(bufnr) then
    return false
  end
  if #(answers[bufnr] or {}) > 1 and is_shown(bufnr) then
    vim.lsp.inline_completion.select({ bufnr = bufnr, count = step })
  else
    wanted_steps[bufnr] = step
    ask(bufnr)
  end
  return true
end

function M.dismiss(bufnr)
  local is_visible = is_shown(bufnr) or ghost.current(bufnr) ~= nil
  ghost.hide(bufnr)
  -- Neovim forgets a suggestion when somebody takes it, whatever comes of that.
  vim.lsp.inline_completion.get({ bufnr = bufnr, on_accept = function() end })
  return is_visible
end

function M.refresh(bufnr)
  if bufnr == vim.api.nvim_get_current_buf() and is_inserting() and not quiet.is_quiet(bufnr) then
    ask(bufnr)
  else
    M.dismiss(bufnr)
  end
end

return M
