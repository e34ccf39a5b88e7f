--- The command `:Midfill`.

local client = require("midfill.client")
local quiet = require("midfill.quiet")

local M = {}

---@param message string
local function say(message)
  vim.notify("midfill: " .. message, vim.log.levels.INFO)
end

--- Show text in a window of its own, which `q` closes.
---@param name string
---@param lines string[]
local function show(name, lines)
  vim.cmd("botright new")
  local bufnr = vim.api.nvim_get_current_buf()
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].buftype, vim.bo[bufnr].bufhidden, vim.bo[bufnr].swapfile = "nofile", "wipe", false
  vim.bo[bufnr].modifiable = false
  vim.wo.wrap = false
  vim.wo.statusline = " midfill: " .. name
  vim.api.nvim_win_set_height(0, math.min(#lines, math.floor(vim.o.lines / 2)))
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = bufnr, desc = "Close this window" })
end

---@param name string
---@param command string
---@param arguments any[]
local function show_text_of(name, command, arguments)
  client.execute(command, arguments, function(text)
    show(name, vim.split(vim.trim(text), "\n", { plain = true }))
  end)
end

--- Tell all who show suggestions that something has been paused or resumed.
local function refresh()
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if client.of(bufnr) then
      require("midfill.view").get().refresh(bufnr)
    end
  end
  require("midfill.status").changed()
end

---@param scope? string
---@return midfill.Scope? scope Nothing where there is no such scope, which is said.
local function scope_of(scope)
  scope = scope or "file"
  if vim.list_contains(quiet.scopes, scope) then
    return scope --[[@as midfill.Scope]]
  end
  vim.notify(
    ("midfill: `%s` is not one of file, language and workspace."):format(scope),
    vim.log.levels.ERROR
  )
end

local names = { file = "this file", language = "this language", workspace = "this workspace" }

---@param scope midfill.Scope
local function pause(scope)
  quiet.pause(vim.api.nvim_get_current_buf(), scope)
  refresh()
  say(("paused for %s."):format(names[scope]))
end

---@param scope? midfill.Scope All that pauses this file by default.
local function resume(scope)
  local bufnr = vim.api.nvim_get_current_buf()
  for _, each in ipairs(scope and { scope } or quiet.scopes) do
    quiet.resume(bufnr, each)
  end
  refresh()
  local rest = quiet.paused(bufnr)
  say(rest and ("still paused for %s."):format(names[rest]) or "suggestions are on.")
end

---@param name string
local function choose_model(name)
  client.change_setting("model", name)
  say(("the model is %s until Neovim ends; to keep it, run `midfill models use %s`."):format(name, name))
end

---@class midfill.Model An answer of `midfill.models`.
---@field name string
---@field megabytes? number
---@field note string
---@field isChosen boolean
---@field isThere boolean Whether it is on this machine; another has to be downloaded first.
---@field licenceNote string What the user has to agree to before a download; mostly nothing.

---@param model midfill.Model
---@return string
local function line_of(model)
  local size = type(model.megabytes) == "number" and (" (%d MB)"):format(model.megabytes) or ""
  local note = model.note ~= "" and ": " .. model.note or ""
  return (model.isChosen and "* " or "  ")
    .. model.name
    .. size
    .. note
    .. (model.isThere and "" or ", to download")
end

---Downloads a model that is not on this machine, and chooses it once it is; the server says what goes wrong.
---@param model midfill.Model
local function pull_model(model)
  local question = ("%s\nDownload %s?"):format(model.licenceNote, model.name)
  if model.licenceNote ~= "" and vim.fn.confirm(question, "&I agree\n&Cancel", 2) ~= 1 then
    return
  end
  say(("downloading %s; the status line shows how far it is."):format(model.name))
  client.execute("midfill.pull", { model.name }, function(path)
    if path and path ~= vim.NIL then
      choose_model(model.name)
    end
  end)
end

local function select_model()
  client.execute("midfill.models", {}, function(models)
    vim.ui.select(models, { prompt = "The model of midfill", format_item = line_of }, function(model)
      if model and model.isThere then
        choose_model(model.name)
      elseif model then
        pull_model(model)
      end
    end)
  end)
end

---@return string
local function uri()
  return vim.uri_from_bufnr(0)
end

---@type table<string, fun(argument?: string)>
local subcommands = {
  status = function()
    local bufnr = vim.api.nvim_get_current_buf()
    local scope = quiet.paused(bufnr)
    if scope then
      say(("paused for %s; `:Midfill resume` goes on."):format(names[scope]))
      return
    end
    client.execute("midfill.status", { uri() }, function(status)
      local percent = type(status.percent) == "number" and (" %d %%"):format(status.percent) or ""
      local parts = { status.state .. percent }
      if status.model ~= "" then
        table.insert(parts, "model " .. status.model)
      end
      if status.message ~= "" then
        table.insert(parts, status.message)
      end
      say(table.concat(parts, ", "))
    end)
  end,
  toggle = function(scope)
    local valid = scope_of(scope)
    if not valid then
      return
    end
    if quiet.is_paused(vim.api.nvim_get_current_buf(), valid) then
      resume(valid)
    else
      pause(valid)
    end
  end,
  pause = function(scope)
    local valid = scope_of(scope)
    if valid then
      pause(valid)
    end
  end,
  resume = function(scope)
    if not scope then
      resume()
      return
    end
    local valid = scope_of(scope)
    if valid then
      resume(valid)
    end
  end,
  model = function(name)
    if name then
      choose_model(name)
    else
      select_model()
    end
  end,
  explain = function()
    show_text_of("the last suggestion", "midfill.explainText", { uri() })
  end,
  stats = function()
    show_text_of("statistics", "midfill.statsText", {})
  end,
  restart = function()
    require("midfill.restart").restart()
  end,
  log = function()
    show("log", require("midfill.log").text())
  end,
}

--- Run `:Midfill` with these arguments; without one it is `:Midfill status`.
---@param arguments string[]
function M.run(arguments)
  local name = arguments[1] or "status"
  local subcommand = subcommands[name]
  if not subcommand then
    local known = vim.tbl_keys(subcommands)
    table.sort(known)
    local message = "midfill: there is no `:Midfill %s`, only %s."
    vim.notify(message:format(name, table.concat(known, ", ")), vim.log.levels.ERROR)
    return
  end
  subcommand(arguments[2])
end

--- What can follow on the command line.
---@param line string The command line up to the cursor.
---@return string[]
function M.complete(line)
  local words = vim.split(line, "%s+", { trimempty = true })
  local is_new = line:match("%s$") ~= nil
  local number = #words + (is_new and 1 or 0)
  local candidates = {}
  if number <= 2 then
    candidates = vim.tbl_keys(subcommands)
    table.sort(candidates)
  elseif number == 3 and vim.list_contains({ "toggle", "pause", "resume" }, words[2]) then
    candidates = quiet.scopes
  end
  local start = is_new and "" or words[#words]
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, start)
  end, candidates)
end

return M
