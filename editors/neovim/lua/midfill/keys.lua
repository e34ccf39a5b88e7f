--- The keys of insert mode. Where there is nothing to accept, a key does what it did before.

local M = {}

local PREFIX = "midfill: "

---@type { name: string, desc: string, act: fun(bufnr: integer): boolean }[]
local actions = {
  {
    name = "accept",
    desc = "accept the suggestion",
    act = function(bufnr)
      -- Who is filling in a snippet wants to get to the next place of it.
      return not vim.snippet.active({ direction = 1 }) and M.view().accept(bufnr, "all")
    end,
  },
  {
    name = "accept_word",
    desc = "accept the next word",
    act = function(bufnr)
      return M.view().accept(bufnr, "word")
    end,
  },
  {
    name = "accept_line",
    desc = "accept the next line",
    act = function(bufnr)
      return M.view().accept(bufnr, "line")
    end,
  },
  {
    name = "next",
    desc = "show the next candidate",
    act = function(bufnr)
      return M.view().cycle(bufnr, 1)
    end,
  },
  {
    name = "previous",
    desc = "show the previous candidate",
    act = function(bufnr)
      return M.view().cycle(bufnr, -1)
    end,
  },
  {
    name = "dismiss",
    desc = "hide the suggestion",
    act = function(bufnr)
      return M.view().dismiss(bufnr)
    end,
  },
}

---@return midfill.View
function M.view()
  return require("midfill.view").get()
end

---@param lhs string
---@return string
local function raw(lhs)
  return vim.keycode(lhs)
end

--- The mapping that a key has in all buffers.
---@param lhs string
---@return table<string, any>? mapping As `maparg()` gives it; nothing where there is none.
function M.mapping(lhs)
  return vim.iter(vim.api.nvim_get_keymap("i")):find(function(mapping)
    return raw(mapping.lhs) == raw(lhs)
  end)
end

--- Whether a mapping is one of these.
---@param mapping? table<string, any>
---@return boolean
function M.is_own(mapping)
  return mapping ~= nil and vim.startswith(mapping.desc or "", PREFIX)
end

---@param keys string
---@param is_remapped boolean
local function feed(keys, is_remapped)
  -- In front of what has been typed since.
  vim.api.nvim_feedkeys(keys, is_remapped and "mi" or "ni", false)
end

--- Do what a key did before it was mapped here.
---@param lhs string
---@param before? table<string, any>
local function fall_back(lhs, before)
  if not before then
    feed(raw(lhs), false)
    return
  end
  local result = before.rhs
  if before.callback then
    result = before.callback()
  elseif before.expr == 1 then
    result = vim.api.nvim_eval(before.rhs)
  end
  if before.callback and before.expr ~= 1 or type(result) ~= "string" then
    return
  end
  local has_codes = before.expr ~= 1 or before.replace_keycodes == 1
  feed(has_codes and raw(result) or result, before.noremap ~= 1)
end

---@type table<string, table<string, any>|false> What each key did before, by its name in `actions`.
local befores = {}

--- Map the keys; those that were mapped here earlier go first.
---@param keymaps midfill.Keymaps
function M.map(keymaps)
  for name, before in pairs(befores) do
    befores[name] = nil
    local own = before.own
    if M.is_own(M.mapping(own)) then
      vim.keymap.del("i", own)
      if before.mapping then
        vim.fn.mapset("i", false, before.mapping)
      end
    end
  end
  for _, action in ipairs(actions) do
    local lhs = keymaps[action.name]
    if lhs then
      local before = M.mapping(lhs)
      befores[action.name] = { own = lhs, mapping = before }
      vim.keymap.set("i", lhs, function()
        if not action.act(vim.api.nvim_get_current_buf()) then
          fall_back(lhs, before)
        end
      end, { desc = PREFIX .. action.desc })
    end
  end
end

return M
