--- A server that has ended by itself is started again, after pauses that grow.

local M = {}

local PAUSES = { 250, 1000, 4000, 15000, 60000 } -- milliseconds
local CALM = 3 * 60 * 1000 -- milliseconds without an end; then the pauses begin anew

local ends, last_end = 0, 0
local has_told, is_asked = false, false

---@param message string
local function tell(message)
  if not has_told then
    has_told = true
    vim.notify("midfill: " .. message, vim.log.levels.ERROR)
  end
end

--- Note the end of a server that was asked to end.
function M.stopped()
  require("midfill.status").changed()
  if is_asked then
    is_asked = false
    require("midfill.client").start_all()
  end
end

--- Note the end of a server that was not asked to end.
---@param code integer
---@param is_up boolean Whether it had answered before.
---@param forget fun() Lets Neovim forget the client. That has to wait until the next one is there: Neovim stops
--- listening to a buffer that is changed while it has no client, and does not begin again.
function M.crashed(code, is_up, forget)
  local client = require("midfill.client")
  require("midfill.status").changed()
  local now = vim.uv.now()
  if now - last_end > CALM then
    ends, has_told = 0, false
  end
  last_end, ends = now, ends + 1
  if not is_up then
    tell(
      ("the server cannot be started (exit code %d). :Midfill log says where to find out why."):format(code)
    )
  end
  if not PAUSES[ends] then
    tell(
      ("the server has ended %d times. :Midfill log shows why, :Midfill restart tries again."):format(ends)
    )
    forget()
    return
  end
  vim.defer_fn(function()
    client.start_all()
    forget()
  end, PAUSES[ends])
end

--- How often the server has ended by itself since it was calm.
---@return integer
function M.count()
  return ends
end

--- Start the server anew because the user says so.
function M.restart()
  local client = require("midfill.client")
  ends, has_told = 0, false
  local running = client.all()
  is_asked = #running > 0
  for _, each in ipairs(running) do
    require("midfill.compat").stop(each)
  end
  if not is_asked then
    client.start_all()
  end
end

return M
