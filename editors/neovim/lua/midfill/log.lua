--- What the server says: messages for the user, and its log.

local M = {}

local KEPT = 1000 -- lines of the log

---@type string[]
local lines = {}

local levels = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG }
local names = { "error", "warning", "info", "log", "debug" }

---@param params { type: integer, message: string }
local function keep(params)
  local head = os.date("%H:%M:%S ") .. (names[params.type] or "log") .. " "
  for _, line in ipairs(vim.split(params.message, "\n", { plain = true })) do
    table.insert(lines, head .. line)
  end
  while #lines > KEPT do
    table.remove(lines, 1)
  end
end

---@type table<string, true>
local shown = {}

--- Handler of `window/showMessage`. A server that has been started anew says again what is known already.
---@param params { type: integer, message: string }
function M.show_message(_, params)
  keep(params)
  if shown[params.message] then
    return vim.NIL
  end
  shown[params.message] = true
  vim.notify(params.message, levels[params.type] or vim.log.levels.INFO)
  return vim.NIL
end

--- Handler of `window/logMessage`.
---@param params { type: integer, message: string }
function M.log_message(_, params)
  keep(params)
  return vim.NIL
end

--- The path of the file that Neovim keeps of all servers; what they write to standard error stands there.
---@return string
function M.path()
  return vim.lsp.log.get_filename()
end

--- What the server has said, the oldest first.
---@return string[]
function M.text()
  local text = { "Standard error of the server: " .. M.path(), "" }
  return vim.list_extend(text, lines)
end

return M
