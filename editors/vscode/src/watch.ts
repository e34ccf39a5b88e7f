/** Watches which document the user is in, and what the pauses and the server say of it. */

import { Disposable, type TextDocument, window, workspace } from "vscode";
import type { Pauses } from "./pauses";
import { activeDocument, placeOf } from "./places";
import type { Server } from "./server";
import { readStatus } from "./status";
import type { StatusBar } from "./statusBar";

/** Causes to ask come in bursts; in milliseconds. */
const SOON_MS = 100;

export interface Watch {
  /** Shows anew whether the document at hand is paused, and asks the server about it. */
  refresh(): void;
  /** The address of the document that the user is in or has last been in; `undefined` before there was one. */
  lastUri(): string | undefined;
  dispose(): void;
}

/** Begins to watch; the status bar shows what is found. */
export function watchDocument(server: Server, pauses: Pauses, bar: StatusBar): Watch {
  let last: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  const ask = async (document: TextDocument | undefined): Promise<void> => {
    const uri = document?.uri.toString();
    const answer = await server.execute("midfill.status", ...(uri === undefined ? [] : [uri])).catch(() => undefined);
    const status = readStatus(answer);
    if (status === undefined || document !== activeDocument()) {
      return;
    }
    bar.update({ switchedOff: status.state === "paused" ? status.message : undefined });
  };

  const refresh = (): void => {
    const document = activeDocument();
    last = document?.uri.toString() ?? last;
    bar.update({ pause: pauses.of(document && placeOf(document)) });
    clearTimeout(timer);
    timer = setTimeout(() => void ask(document), SOON_MS);
  };

  const listeners = Disposable.from(
    window.onDidChangeActiveTextEditor(refresh),
    // A document whose language changes is closed and opened again.
    workspace.onDidOpenTextDocument((document) => {
      if (document === activeDocument()) {
        refresh();
      }
    }),
    workspace.onDidCloseTextDocument((document) => {
      // The next document without a file may get the same name. (One whose language changes is not really closed.)
      if (document.isUntitled && document.isClosed) {
        void pauses.forgetFile(document.uri.toString());
      }
    }),
  );
  refresh();
  return {
    refresh,
    lastUri: () => last,
    dispose() {
      clearTimeout(timer);
      listeners.dispose();
    },
  };
}
