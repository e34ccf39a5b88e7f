--- The options of `setup()`: their defaults, and a sentence for each that cannot be used.

local M = {}

---@class midfill.Keymaps
---@field accept? string|false Accept the whole suggestion.
---@field accept_word? string|false Accept its next word.
---@field accept_line? string|false Accept the rest of its line, or its next line.
---@field next? string|false Show the next candidate; ask for some where there is none.
---@field previous? string|false Show the previous candidate.
---@field dismiss? string|false Hide the suggestion.

---@class midfill.Options
---@field settings? midfill.Settings The server's settings; only those that stand here are sent.
---@field cmd? string[] The command that starts the server.
---@field keymaps? midfill.Keymaps Keys of insert mode; `false` switches one off.
---@field filetypes? string[] Suggest in these file types only.
---@field filter? fun(bufnr: integer): boolean Suggest only where this returns true.
---@field highlight? string|vim.api.keyset.highlight A highlight group, or the attributes of one.
---@field ghost_text? "auto"|"native"|"own" Who shows it: Neovim where it can (0.12), or always this plugin.

---@type midfill.Options
local defaults = {
  settings = {},
  cmd = { "midfill", "serve" },
  keymaps = {
    accept = "<Tab>",
    accept_word = "<M-Right>",
    accept_line = "<M-C-Right>",
    next = "<M-]>",
    previous = "<M-[>",
    dismiss = "<C-]>",
  },
  ghost_text = "auto",
}

--- The options in force.
---@type midfill.Options
M.options = vim.deepcopy(defaults)

---@param value any
---@return boolean
local function is_list_of_strings(value)
  if type(value) ~= "table" or #value ~= vim.tbl_count(value) then
    return false
  end
  return vim.iter(value):all(function(item)
    return type(item) == "string"
  end)
end

---@param value any
---@return boolean
local function is_key(value)
  return value == false or (type(value) == "string" and value ~= "")
end

---@param ... string
---@return fun(value: any): boolean
local function type_is(...)
  local types = { ... }
  return function(value)
    return vim.list_contains(types, type(value))
  end
end

--- For each option whether a value fits, and what would.
---@type table<string, { [1]: fun(value: any): boolean, [2]: string }>
local checks = {
  settings = { type_is("table"), "a table of the server's settings" },
  cmd = {
    function(value)
      return is_list_of_strings(value) and #value > 0
    end,
    'a list of strings such as { "midfill", "serve" }',
  },
  keymaps = { type_is("table"), "a table of keys" },
  filetypes = { is_list_of_strings, "a list of file types" },
  filter = { type_is("function"), "a function that takes a buffer's number and returns true or false" },
  highlight = { type_is("string", "table"), "the name of a highlight group or a table of attributes" },
  ghost_text = {
    function(value)
      return value == "auto" or value == "native" or value == "own"
    end,
    '"auto", "native" or "own"',
  },
}

--- Take the options that can be used; the others keep their defaults.
---@param given? midfill.Options
---@return string[] problems A sentence for each option that cannot be used.
function M.set(given)
  M.options = vim.deepcopy(defaults)
  local problems = {}
  if given ~= nil and type(given) ~= "table" then
    return { "midfill: setup() takes a table, not a " .. type(given) .. "." }
  end
  for name, value in pairs(given or {}) do
    local check = checks[name]
    if not check then
      table.insert(problems, ("midfill: setup() has no option `%s`; it is ignored."):format(name))
    elseif not check[1](value) then
      local problem = "midfill: setup(): `%s` has to be %s; the default stays."
      table.insert(problems, problem:format(name, check[2]))
    elseif name ~= "keymaps" then
      M.options[name] = value
    end
  end
  local keymaps = type(given) == "table" and type(given.keymaps) == "table" and given.keymaps or {}
  for name, key in pairs(keymaps) do
    if defaults.keymaps[name] == nil then
      table.insert(problems, ("midfill: setup(): keymaps has no `%s`; it is ignored."):format(name))
    elseif not is_key(key) then
      local problem = "midfill: setup(): `keymaps.%s` has to be a key or false; the default stays."
      table.insert(problems, problem:format(name))
    else
      M.options.keymaps[name] = key
    end
  end
  table.sort(problems)
  return problems
end

--- Whether Neovim itself shows the suggestions.
---@return boolean
function M.is_native()
  return M.options.ghost_text ~= "own" and vim.lsp.inline_completion ~= nil
end

return M
