/** Where VS Code begins and ends: puts the parts together. */

import { Disposable, type ExtensionContext, type LogOutputChannel, window, workspace } from "vscode";
import { installServer, registerCommands } from "./commands";
import { openServerSetting, serverCommand } from "./configuration";
import { createDocuments } from "./documents";
import { createInstaller, type Installer } from "./installer";
import { complain, createMessages } from "./messages";
import { Pauses } from "./pauses";
import { pausedIn } from "./places";
import { onInterpreterChange, selectedInterpreter } from "./python";
import { createSearch } from "./search";
import { Server } from "./server";
import { SECTION } from "./settings";
import { StatusBar } from "./statusBar";
import { watchDocument } from "./watch";

let running: Server | undefined;

/** Returns at once; the server comes up behind. */
export function activate(context: ExtensionContext): void {
  const begun = performance.now();
  const log = window.createOutputChannel("midfill", { log: true });
  const pauses = new Pauses(context.globalState, context.workspaceState);
  const bar = new StatusBar();
  const documents = createDocuments();
  const installer = createInstaller(context, log, () => selectedInterpreter(log));
  const find = createSearch(log, installer);
  let hasOffered = false;

  const server: Server = new Server({
    log,
    find,
    isPaused: pausedIn(pauses),
    onMessage: createMessages(),
    onStatus: (status) => {
      bar.update({ server: status });
    },
    onPhase: (phase, sentence) => {
      bar.update(phase === "running" ? { phase, sentence } : { phase, sentence, server: undefined });
      watch.refresh();
    },
    onMissing: () => {
      if (!hasOffered) {
        hasOffered = true;
        void offerInstallation(server, installer);
      }
    },
    onTrouble: (sentence) => {
      void complain(sentence, log);
    },
  });
  const watch = watchDocument(server, pauses, bar);
  running = server;

  const lookAgain = async (): Promise<void> => {
    const found = await find();
    if (found !== undefined && !server.isOf(found)) {
      await server.restart();
    }
  };
  context.subscriptions.push(
    log,
    bar,
    documents,
    watch,
    ...registerCommands({ log, server, installer, pauses, bar, documents, watch }),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${SECTION}.serverCommand`)) {
        void server.restart();
      } else if (event.affectsConfiguration(SECTION)) {
        void server.configurationChanged();
        watch.refresh();
      }
    }),
    workspace.onDidGrantWorkspaceTrust(() => void lookAgain()),
  );
  void start(server, installer);
  if (serverCommand().length === 0) {
    void followInterpreter(context, log, lookAgain);
  }
  log.info(`Activated in ${(performance.now() - begun).toFixed(0)} ms.`);
}

/** Resolves when the server's process is gone. */
export async function deactivate(): Promise<void> {
  await running?.stop();
}

/** Starts the server; one that an older version of the extension has installed is replaced behind. */
async function start(server: Server, installer: Installer): Promise<void> {
  await server.restart();
  const folder = installer.environment();
  if (folder === undefined || !server.isIn(folder)) {
    return;
  }
  if (installer.isOutdated() && (await installer.install())) {
    await server.restart();
  }
  await installer.tidy();
}

async function followInterpreter(
  context: ExtensionContext,
  log: LogOutputChannel,
  lookAgain: () => Promise<void>,
): Promise<void> {
  try {
    context.subscriptions.push((await onInterpreterChange(() => void lookAgain())) ?? Disposable.from());
  } catch (error) {
    log.warn(`The Python extension cannot be asked: ${String(error)}`);
  }
}

async function offerInstallation(server: Server, installer: Installer): Promise<void> {
  const sentence = "midfill's language server is not on this machine yet.";
  const choice = await window.showInformationMessage(sentence, "Install", "Settings");
  if (choice === "Install") {
    await installServer(server, installer);
  } else if (choice === "Settings") {
    openServerSetting();
  }
}
