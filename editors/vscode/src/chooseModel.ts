/** Choosing the model: a setting, after which the server changes over by itself. */

import { ConfigurationTarget, window, workspace } from "vscode";
import { entryOf, readModels } from "./models";
import { SECTION } from "./settings";

/** Lets the user choose from the server's answer to `midfill.models`, or a file that it does not know of. */
export async function chooseModel(answer: unknown): Promise<void> {
  const known = readModels(answer).map((model) => ({ ...entryOf(model), choose: () => Promise.resolve(model.name) }));
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
