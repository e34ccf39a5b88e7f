/** What the user is told, each sentence once in a window: a server that is started again says the same again. */

import { type LogOutputChannel, window } from "vscode";
import { MessageType, type ShowMessageParams } from "vscode-languageclient/node";

/** Returns what shows the server's messages. */
export function createMessages(): (message: ShowMessageParams) => void {
  const told = new Set<string>();
  return ({ type, message }) => {
    if (told.has(message)) {
      return;
    }
    told.add(message);
    if (type === MessageType.Error) {
      void window.showErrorMessage(message);
    } else if (type === MessageType.Warning) {
      void window.showWarningMessage(message);
    } else {
      void window.showInformationMessage(message);
    }
  };
}

/** Shows what went wrong, with a button that shows the log. */
export async function complain(sentence: string, log: LogOutputChannel): Promise<void> {
  if ((await window.showErrorMessage(sentence, "Show Log")) !== undefined) {
    log.show();
  }
}
