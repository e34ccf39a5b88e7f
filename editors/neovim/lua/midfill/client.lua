--- The LSP client: where it is started, with what configuration, and which one serves a buffer.
---
--- One server serves all folders: a second one would load the model a second time.

local compat = require("midfill.compat")
local config = require("midfill.config")
local log = require("midfill.log")
local status = require("midfill.status")
local transport = require("midfill.transport")

local M = {}

local NAME = "midfill"

M.root_markers = {
  { ".git", ".hg", ".jj" },
  {
    "pyproject.toml",
    "package.json",
    "Cargo.toml",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "composer.json",
    "Gemfile",
  },
}

--- Buffers that the server is to know, also while it is not there.
---@type table<integer, true>
local wanted = {}

--- Folders that came while the server was starting, by client.
---@type table<integer, lsp.WorkspaceFolder[]>
local waiting_folders = {}

local has_told_of_missing = false

--- The version of each client's server, where it has said it.
---@type table<integer, string>
M.versions = {}

--- The folder of a buffer's project.
---@param bufnr integer
---@return string? folder Nothing where no marker is found.
function M.root(bufnr)
  for _, markers in ipairs(M.root_markers) do
    local folder = vim.fs.root(bufnr, markers)
    if folder then
      return folder
    end
  end
end

--- Whether a buffer is one to suggest in.
---@param bufnr integer
---@return boolean
function M.is_wanted(bufnr)
  -- Buffers without a name all have the same URI.
  if
    not vim.api.nvim_buf_is_loaded(bufnr)
    or vim.bo[bufnr].buftype ~= ""
    or vim.api.nvim_buf_get_name(bufnr) == ""
  then
    return false
  end
  local filetypes, filter = config.options.filetypes, config.options.filter
  if filetypes and not vim.list_contains(filetypes, vim.bo[bufnr].filetype) then
    return false
  end
  return not filter or filter(bufnr) == true
end

--- Whether the server is installed; says so once where it is not.
---@return boolean
local function is_installed()
  local command = config.options.cmd[1]
  if vim.fn.executable(command) == 1 then
    return true
  end
  if not has_told_of_missing then
    has_told_of_missing = true
    local message = "midfill: there is no program `%s`. Install it with `pipx install midfill`, "
      .. 'or say where it is: require("midfill").setup({ cmd = { "/path/to/midfill", "serve" } }).'
    vim.notify(message:format(command), vim.log.levels.ERROR)
  end
  return false
end

---@param client vim.lsp.Client
---@param folder lsp.WorkspaceFolder
local function send_folder(client, folder)
  local params = { event = { added = { folder }, removed = {} } }
  compat.notify(client, "workspace/didChangeWorkspaceFolders", params)
end

--- Let a running client serve another folder as well.
---@param client vim.lsp.Client
---@param root? string
local function add_folder(client, root)
  if not root then
    return
  end
  local folder = { uri = vim.uri_from_fname(root), name = root }
  local folders = client.workspace_folders or {}
  for _, known in ipairs(folders) do
    if known.uri == folder.uri then
      return
    end
  end
  table.insert(folders, folder)
  client.workspace_folders = folders
  if client.initialized then
    send_folder(client, folder)
  else
    waiting_folders[client.id] = waiting_folders[client.id] or {}
    table.insert(waiting_folders[client.id], folder)
  end
end

---@param client vim.lsp.Client
---@param other table
---@return boolean
local function reuse_client(client, other)
  if client.name ~= NAME or client:is_stopped() then
    return false
  end
  add_folder(client, other.root_dir)
  return true
end

---@param client vim.lsp.Client
---@param result table The server's answer to `initialize`.
local function on_init(client, result)
  M.versions[client.id] = result.serverInfo and result.serverInfo.version
  for _, folder in ipairs(waiting_folders[client.id] or {}) do
    send_folder(client, folder)
  end
  waiting_folders[client.id] = nil
end

---@param client vim.lsp.Client
---@param bufnr integer
local function on_attach(client, bufnr)
  if vim.g.midfill_is_set_up then
    require("midfill.view").get().attach(bufnr, client)
  end
  status.changed()
end

---@return table
local function capabilities()
  return vim.tbl_deep_extend("force", vim.lsp.protocol.make_client_capabilities(), {
    textDocument = { inlineCompletion = { dynamicRegistration = false } },
  })
end

--- The configuration of the client, for `vim.lsp.enable` and for `vim.lsp.start`.
---@return table
function M.config()
  local settings = config.options.settings
  return {
    name = NAME,
    cmd = transport.start(config.options.cmd),
    capabilities = capabilities(),
    -- The server asks for its section; what is not set here must not be there, so that the user's file counts.
    settings = next(settings) and { midfill = vim.deepcopy(settings) } or nil,
    handlers = {
      didChangeStatus = status.handle,
      ["window/showMessage"] = log.show_message,
      ["window/logMessage"] = log.log_message,
    },
    root_dir = function(bufnr, on_dir)
      -- Where somebody has set another command by vim.lsp.config(), Neovim says what is wrong with it.
      local has_own_command = type(vim.lsp.config[NAME].cmd) == "table"
      if M.is_wanted(bufnr) and (has_own_command or is_installed()) then
        wanted[bufnr] = true
        on_dir(M.root(bufnr))
      end
    end,
    reuse_client = reuse_client,
    on_init = on_init,
    on_attach = on_attach,
  }
end

--- Attach the server to a buffer, and start it first where it does not run.
---@param bufnr integer
function M.start(bufnr)
  if not M.is_wanted(bufnr) or not is_installed() then
    return
  end
  wanted[bufnr] = true
  local configuration = M.config()
  configuration.root_dir = M.root(bufnr)
  vim.lsp.start(configuration, { bufnr = bufnr, reuse_client = reuse_client })
end

--- Attach the server to all buffers that it served before.
function M.start_all()
  for bufnr in pairs(wanted) do
    if vim.api.nvim_buf_is_valid(bufnr) then
      M.start(bufnr)
    else
      wanted[bufnr] = nil
    end
  end
end

---@param clients vim.lsp.Client[]
---@return vim.lsp.Client[]
local function running(clients)
  return vim.tbl_filter(function(client)
    return not client:is_stopped()
  end, clients)
end

--- All clients that run, also those that are starting.
---@return vim.lsp.Client[]
function M.all()
  return running(vim.lsp.get_clients({ name = NAME, _uninitialized = true }))
end

--- The client that serves a buffer.
---@param bufnr integer
---@return vim.lsp.Client?
function M.of(bufnr)
  return running(vim.lsp.get_clients({ name = NAME, bufnr = bufnr }))[1]
end

--- Run one of the commands of the current buffer's server.
---@param command string
---@param arguments any[]
---@param handler fun(result: any) Not called where the server answers with an error, which is shown.
function M.execute(command, arguments, handler)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = M.of(bufnr)
  if not client then
    vim.notify(
      "midfill: no server is attached to this buffer. :checkhealth midfill says why.",
      vim.log.levels.WARN
    )
    return
  end
  local params = { command = command, arguments = arguments }
  compat.request(client, "workspace/executeCommand", params, function(err, result)
    if err then
      vim.notify("midfill: " .. err.message, vim.log.levels.ERROR)
    else
      handler(result)
    end
  end, bufnr)
end

--- Change a setting of the running server until Neovim ends.
---@param name string
---@param value any
function M.change_setting(name, value)
  config.options.settings[name] = value
  for _, client in ipairs(M.all()) do
    client.settings = vim.tbl_deep_extend("force", client.settings or {}, { midfill = { [name] = value } })
    compat.notify(client, "workspace/didChangeConfiguration", { settings = client.settings })
  end
end

return M
