--- The state of the server, as it says it by `didChangeStatus`, and as a short text for a status line.

local quiet = require("midfill.quiet")

local M = {}

---@class midfill.Status
---@field kind "Normal"|"Warning"|"Error"|"Inactive"
---@field busy boolean
---@field message string One sentence, or "".
---@field state "loading"|"downloading"|"ready"|"thinking"|"paused"|"error"
---@field model string The model in use; "" before one is loaded.
---@field percent? integer 0 to 100, while loading or downloading.

---@type table<integer, midfill.Status> By client.
local states = {}

--- Tell status lines that they are to be drawn anew.
function M.changed()
  vim.api.nvim_exec_autocmds("User", { pattern = "MidfillStatus", modeline = false })
  vim.cmd.redrawstatus()
end

--- Handler of `didChangeStatus`.
---@param params midfill.Status
---@param context { client_id: integer }
function M.handle(_, params, context)
  states[context.client_id] = params
  M.changed()
end

--- What a server has said last.
---@param client vim.lsp.Client
---@return midfill.Status? status Nothing where it has not said anything yet.
function M.of(client)
  return states[client.id]
end

---@param status midfill.Status
---@return string
local function short(status)
  local percent = type(status.percent) == "number" and status.percent or nil
  if status.state == "loading" or status.state == "downloading" then
    return percent and ("%d %%"):format(percent) or "…"
  end
  if status.state == "thinking" then
    return status.model .. "…"
  end
  if status.state == "ready" then
    return status.model
  end
  return status.state
end

--- The state in a few characters: "tiny", "tiny…" while it thinks, "42 %" while it loads, "paused", "error";
--- "" where no server is attached.
---@param bufnr integer
---@return string
function M.text(bufnr)
  local client = require("midfill.client").of(bufnr)
  if not client then
    return ""
  end
  if quiet.paused(bufnr) then
    return "paused"
  end
  local status = M.of(client)
  return status and short(status) or "…"
end

return M
