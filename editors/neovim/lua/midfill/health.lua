--- `:checkhealth midfill`.

local client = require("midfill.client")
local config = require("midfill.config")
local keys = require("midfill.keys")
local status = require("midfill.status")

local M = {}

local health = vim.health

-- Servers and plugins that show ghost text at the same place.
local OTHER_CLIENTS = { "copilot", "GitHub Copilot", "codeium", "tabby" }
local OTHER_PLUGINS = { "copilot", "supermaven-nvim", "codeium", "llama" }

local function check_neovim()
  health.start("Neovim")
  if vim.fn.has("nvim-0.10") == 0 then
    health.error("midfill needs Neovim 0.10 or later.")
    return
  end
  local who = config.is_native() and "Neovim itself (vim.lsp.inline_completion)" or "the plugin"
  health.ok(("Neovim %s; suggestions are shown by %s"):format(tostring(vim.version()), who))
  if not vim.g.midfill_is_set_up then
    health.warn("setup() has not been called: no keys are mapped", { 'Call require("midfill").setup()' })
  end
end

local function check_server()
  health.start("Server")
  local command = config.options.cmd[1]
  if vim.fn.executable(command) == 0 then
    health.error(("`%s` is not there or cannot be run"):format(command), {
      "Install it: pipx install midfill",
      'Or say where it is: require("midfill").setup({ cmd = { "/path/to/midfill", "serve" } })',
    })
    return
  end
  health.ok(("`%s` is %s"):format(command, vim.fn.exepath(command)))
end

---@param each vim.lsp.Client
local function check_client(each)
  local buffers = vim.tbl_count(each.attached_buffers)
  if not each.initialized then
    health.warn("the server is starting")
    return
  end
  local report = "the server, version %s, serves %d buffers; positions are in %s"
  health.ok(report:format(client.versions[each.id] or "unknown", buffers, each.offset_encoding))
  for _, folder in ipairs(each.workspace_folders or {}) do
    health.info("folder " .. vim.uri_to_fname(folder.uri))
  end
end

local function check_clients()
  local clients = client.all()
  if #clients == 0 then
    health.warn("no server is running", { "Open a file; `:Midfill log` shows what the server has said" })
  end
  for _, each in ipairs(clients) do
    check_client(each)
    local state = status.of(each)
    if state then
      local message = state.message ~= "" and ": " .. state.message or ""
      local report = state.kind == "Error" and health.error or health.ok
      report(
        ("state %s, model %s%s"):format(state.state, state.model ~= "" and state.model or "none yet", message)
      )
    end
  end
end

local function check_conflicts()
  health.start("Conflicts")
  local found = false
  for name, lhs in pairs(vim.g.midfill_is_set_up and config.options.keymaps or {}) do
    local mapping = lhs and keys.mapping(lhs)
    if lhs and not keys.is_own(mapping) then
      found = true
      local by = mapping and (mapping.desc or mapping.rhs) or "nothing"
      health.warn(("%s (%s) is mapped by something else now: %s"):format(lhs, name, by), {
        "Load midfill after it, choose another key in setup({ keymaps = … }), or call",
        ('require("midfill").%s from its mapping'):format(name == "accept" and "accept()" or "…"),
      })
    end
  end
  for _, name in ipairs(OTHER_CLIENTS) do
    if #vim.lsp.get_clients({ name = name }) > 0 then
      found = true
      health.warn(("%s is active as well: two suggestions may stand at the same place"):format(name))
    end
  end
  for _, name in ipairs(OTHER_PLUGINS) do
    if package.loaded[name] or vim.g["loaded_" .. name] then
      found = true
      health.warn(
        ("the plugin %s is loaded as well: two suggestions may stand at the same place"):format(name)
      )
    end
  end
  if not found then
    health.ok("none found")
  end
end

function M.check()
  check_neovim()
  check_server()
  check_clients()
  check_conflicts()
end

return M
