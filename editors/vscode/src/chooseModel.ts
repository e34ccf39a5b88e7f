/** Choosing the model: a setting, after which the server changes over by itself. */

import { ConfigurationTarget, window, workspace } from "vscode";
import { entryOf, type Model, readModels } from "./models";
import { SECTION } from "./settings";

/** Asks the server; see `Server.execute`. */
type Execute = (command: string, ...args: unknown[]) => Promise<unknown>;

/** Lets the user choose from the server's models, which may have to be downloaded, or a file that it does not know of. */
export async function chooseModel(execute: Execute): Promise<void> {
  const models = readModels(await execute("midfill.models"));
  const known = models.map((model) => ({ ...entryOf(model), choose: () => named(model, execute) }));
  const other = { label: "$(folder-opened) Other file…", description: "", detail: "", choose: chooseFile };
  const chosen = await window.showQuickPick([...known, other], {
    title: "midfill: Choose Model",
    placeHolder: "The model that writes the suggestions",
    matchOnDetail: true,
  });
  const name = await chosen?.choose();
  if (name !== undefined) {
    await setModel(name);
  }
}

/** Returns the name of a model once it is on this machine, `undefined` where it does not get there. */
async function named(model: Model, execute: Execute): Promise<string | undefined> {
  if (model.isThere) {
    return model.name;
  }
  if (model.licenceNote !== "") {
    const agree = "I Agree, Download";
    const detail = { modal: true, detail: model.licenceNote };
    if ((await window.showWarningMessage(`${model.name} has a licence of its own.`, detail, agree)) !== agree) {
      return undefined;
    }
  }
  // The server shows the progress, and says what goes wrong.
  return (await execute("midfill.pull", model.name)) === null ? undefined : model.name;
}

async function chooseFile(): Promise<string | undefined> {
  const [file] =
    (await window.showOpenDialog({
      title: "A model in GGUF",
      openLabel: "Choose",
      canSelectMany: false,
      filters: { GGUF: ["gguf"] },
    })) ?? [];
  return file?.fsPath;
}

async function setModel(name: string): Promise<void> {
  const configuration = workspace.getConfiguration(SECTION);
  await configuration.update("model", name, ConfigurationTarget.Global);
  if (configuration.inspect("model")?.workspaceValue !== undefined) {
    void window.showWarningMessage(
      "This workspace's own setting midfill.model goes before your choice; remove it there.",
    );
  }
}
