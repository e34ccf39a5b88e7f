/** The extension's commands. */

import { commands, type Disposable, type LogOutputChannel, window } from "vscode";
import { chooseModel } from "./chooseModel";
import type { Documents } from "./documents";
import type { Installer } from "./installer";
import { entriesFor } from "./menu";
import { complain } from "./messages";
import type { Pauses } from "./pauses";
import { activeDocument, placeOf } from "./places";
import type { Server } from "./server";
import { SECTION } from "./settings";
import type { StatusBar } from "./statusBar";
import type { Watch } from "./watch";

/** What the commands work with. */
export interface Tools {
  readonly log: LogOutputChannel;
  readonly server: Server;
  readonly installer: Installer;
  readonly pauses: Pauses;
  readonly bar: StatusBar;
  readonly documents: Documents;
  readonly watch: Watch;
}

/** Something that the user should know instead of what they asked for; the message is one sentence. */
class Refusal extends Error {}

/** Registers all commands. What keeps one from its work reaches the user as one sentence; the log has the details. */
export function registerCommands(tools: Tools): Disposable[] {
  const { server, installer, log, pauses } = tools;
  const actions: Readonly<Record<string, () => unknown>> = {
    showMenu: () => showMenu(tools),
    restartServer: () => restartServer(tools),
    chooseModel: () => chooseModel((command, ...args) => ask(tools, command, ...args)),
    showExplanation: () => showExplanation(tools),
    showStatistics: () => showText(tools, "Statistics", "midfill.statsText"),
    showLog: () => {
      log.show();
    },
    pauseFile: () => changePauses(tools, () => pauses.pauseFile(activePlace().uri)),
    pauseLanguage: () => changePauses(tools, () => pauses.pauseLanguage(activePlace().language)),
    pauseWorkspace: () => changePauses(tools, () => pauses.pauseWorkspace()),
    resume: () => changePauses(tools, () => pauses.resume(activeDocument() && activePlace())),
    installServer: () => installServer(server, installer),
  };
  return Object.entries(actions).map(([name, action]) =>
    commands.registerCommand(`${SECTION}.${name}`, async () => {
      try {
        await action();
      } catch (error) {
        if (error instanceof Refusal) {
          void window.showInformationMessage(error.message);
          return;
        }
        log.error(`${name}: ${String(error)}`);
        void complain("midfill could not do that; the log says why.", log);
      }
    }),
  );
}

/** Installs the server and starts it; one that runs is stopped first, because it may run from the same place. */
export async function installServer(server: Server, installer: Installer): Promise<void> {
  await server.stop();
  await installer.install();
  await server.restart();
}

async function restartServer({ server, bar }: Tools): Promise<void> {
  await server.restart();
  if (bar.situation.phase === "none") {
    throw new Refusal("midfill's language server is not on this machine yet: run the command midfill: Install Server.");
  }
}

async function showMenu({ bar }: Tools): Promise<void> {
  const chosen = await window.showQuickPick(entriesFor(bar.situation), { title: "midfill" });
  if (chosen !== undefined) {
    await commands.executeCommand(chosen.command);
  }
}

async function showExplanation(tools: Tools): Promise<void> {
  const uri = tools.watch.lastUri();
  if (uri === undefined) {
    throw new Refusal("Open a file first: its last suggestion is what midfill explains.");
  }
  await showText(tools, "Last Suggestion", "midfill.explainText", uri);
}

async function showText(tools: Tools, title: string, command: string, ...args: readonly unknown[]): Promise<void> {
  const text = await ask(tools, command, ...args);
  await tools.documents.show(title, typeof text === "string" ? text : "");
}

async function ask({ server, bar }: Tools, command: string, ...args: readonly unknown[]): Promise<unknown> {
  if (server.isRunning) {
    return server.execute(command, ...args);
  }
  throw new Refusal(
    bar.situation.phase === "starting"
      ? "midfill's server is still starting; try again in a moment."
      : "midfill's server is not running; the log says why.",
  );
}

async function changePauses(tools: Tools, change: () => Promise<void>): Promise<void> {
  await change();
  tools.watch.refresh();
  // A suggestion that is on the screen already would stay there.
  await commands.executeCommand("editor.action.inlineSuggest.hide");
}

function activePlace(): ReturnType<typeof placeOf> {
  const document = activeDocument();
  if (document === undefined) {
    throw new Refusal("Open a file first: there is none to pause midfill for.");
  }
  return placeOf(document);
}
