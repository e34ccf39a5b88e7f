--- The connection to the server: Neovim's own, with what has to be right whoever shows the suggestions.
---
--- - Line ends of suggestions are the buffer's, see `item.lua`.
--- - No request leaves a buffer that is paused, nor while a macro is recorded or executed.
--- - A server that ends by itself comes back, see `restart.lua`.

local item = require("midfill.item")
local quiet = require("midfill.quiet")

local M = {}

M.METHOD = "textDocument/inlineCompletion"

---@class midfill.Watcher What is told of each request for suggestions.
---@field asked fun(bufnr: integer, params: table) May change the parameters.
---@field answered fun(bufnr: integer, items: lsp.InlineCompletionItem[], handle: fun())

---@type midfill.Watcher?
M.watcher = nil

---@param result any
---@return lsp.InlineCompletionItem[]
local function items_of(result)
  return type(result) == "table" and (result.items or result) or {}
end

---@param items lsp.InlineCompletionItem[]
local function read(items)
  for _, each in ipairs(items) do
    if type(each.insertText) == "string" then
      each.insertText = item.with_plain_line_ends(each.insertText)
    end
  end
end

---@param bufnr integer
---@param callback fun(err: lsp.ResponseError?, result: any, ...: any)
---@return fun(err: lsp.ResponseError?, result: any, ...: any)
local function watched(bufnr, callback)
  return function(err, result, ...)
    local items, more = items_of(result), { ... }
    read(items)
    local function handle()
      callback(err, result, unpack(more))
    end
    if M.watcher and not err then
      M.watcher.answered(bufnr, items, handle)
    else
      handle()
    end
  end
end

--- What starts the server, as the field `cmd` of a client's configuration.
---@param command string[]
---@return fun(dispatchers: table, config?: table): table
function M.start(command)
  return function(dispatchers, config)
    config = config or {}
    local is_expected, is_up = false, false
    local on_exit = dispatchers.on_exit
    local rpc = vim.lsp.rpc.start(
      command,
      vim.tbl_extend("force", dispatchers, {
        on_exit = function(code, signal)
          if is_expected then
            on_exit(code, signal)
            vim.schedule(function()
              require("midfill.restart").stopped()
            end)
            return
          end
          vim.schedule(function()
            require("midfill.restart").crashed(code, is_up, function()
              -- Without a code Neovim says nothing of it; where the server comes back, that would be noise.
              on_exit(0, 0)
            end)
          end)
        end,
      }),
      { cwd = config.cmd_cwd, env = config.cmd_env, detached = config.detached }
    )
    local request, terminate = rpc.request, rpc.terminate

    function rpc.terminate()
      is_expected = true
      terminate()
    end

    function rpc.request(method, params, callback, on_reply)
      if method == "shutdown" then
        is_expected = true
      elseif method == "initialize" then
        local inner = callback
        callback = function(...)
          is_up = true
          inner(...)
        end
      elseif method == M.METHOD then
        local bufnr = vim.uri_to_bufnr(params.textDocument.uri)
        if quiet.is_quiet(bufnr) then
          callback(nil, { items = {} })
          return true
        end
        if M.watcher then
          M.watcher.asked(bufnr, params)
        end
        callback = watched(bufnr, callback)
      end
      return request(method, params, callback, on_reply)
    end

    return rpc
  end
end

return M
