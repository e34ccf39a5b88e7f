/** Looks for the server where VS Code knows of places. */

import { type LogOutputChannel, window } from "vscode";
import { openServerSetting, serverCommand } from "./configuration";
import { findServer, type Found, SETTING } from "./find";
import type { Installer } from "./installer";
import { selectedInterpreter } from "./python";

/** Returns the search. A command in the settings that is not there is passed over, with one warning. */
export function createSearch(log: LogOutputChannel, installer: Installer): () => Promise<Found | undefined> {
  const warned = new Set<string>();
  return async () => {
    const configured = serverCommand();
    const found = await findServer({
      configured,
      interpreter: () => selectedInterpreter(log),
      path: process.env.PATH ?? "",
      privateEnvironment: () => installer.environment(),
    });
    const [program = ""] = configured;
    if (program !== "" && found?.origin !== SETTING) {
      log.warn(`midfill.serverCommand: there is no program ${program}.`);
      if (found !== undefined && !warned.has(program)) {
        warned.add(program);
        warnOf(program, found);
      }
    }
    return found;
  };
}

function warnOf(program: string, found: Found): void {
  const sentence = `midfill.serverCommand names ${program}, which is not there; midfill runs ${found.command[0] ?? ""}.`;
  void window.showWarningMessage(sentence, "Settings").then((choice) => {
    if (choice !== undefined) {
      openServerSetting();
    }
  });
}
