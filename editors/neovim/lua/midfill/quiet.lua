--- Where and when nothing is asked for: what the user has paused, macros, and a popup menu with a selection.

local M = {}

---@alias midfill.Scope "file"|"language"|"workspace"

--- What is paused, until Neovim ends: buffers, file types, folders.
---@type table<midfill.Scope, table<any, true>>
local paused = { file = {}, language = {}, workspace = {} }

---@type midfill.Scope[]
M.scopes = { "file", "language", "workspace" }

---@param bufnr integer
---@param scope midfill.Scope
---@return integer|string
local function key(bufnr, scope)
  if scope == "file" then
    return bufnr
  end
  if scope == "language" then
    return vim.bo[bufnr].filetype
  end
  return require("midfill.client").root(bufnr) or ""
end

---@param bufnr integer
---@param scope midfill.Scope
function M.pause(bufnr, scope)
  paused[scope][key(bufnr, scope)] = true
end

---@param bufnr integer
---@param scope midfill.Scope
function M.resume(bufnr, scope)
  paused[scope][key(bufnr, scope)] = nil
end

---@param bufnr integer
---@param scope midfill.Scope
---@return boolean
function M.is_paused(bufnr, scope)
  -- Finding a buffer's folder reads the disk: not with each key while none is paused.
  return next(paused[scope]) ~= nil and paused[scope][key(bufnr, scope)] == true
end

--- The narrowest scope that pauses a buffer.
---@param bufnr integer
---@return midfill.Scope? scope Nothing where it is not paused.
function M.paused(bufnr)
  for _, scope in ipairs(M.scopes) do
    if M.is_paused(bufnr, scope) then
      return scope
    end
  end
end

--- Whether nothing may be asked for or shown in the current buffer now.
---@param bufnr integer
---@return boolean
function M.is_quiet(bufnr)
  if vim.fn.reg_recording() ~= "" or vim.fn.reg_executing() ~= "" then
    return true
  end
  if vim.fn.pumvisible() == 1 and vim.fn.complete_info({ "selected" }).selected ~= -1 then
    return true
  end
  return M.paused(bufnr) ~= nil
end

return M
