-- Nothing else happens at startup: the rest is loaded by `require("midfill").setup()` or by the command.
if vim.g.loaded_midfill then
  return
end
vim.g.loaded_midfill = true

vim.api.nvim_create_user_command("Midfill", function(command)
  require("midfill.commands").run(command.fargs)
end, {
  nargs = "*",
  desc = "Inline code completion: state, pause, model and what was suggested",
  complete = function(_, line)
    return require("midfill.commands").complete(line)
  end,
})
