/** One run of the server: its process and the language client that talks to it. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { CancellationError, type LogOutputChannel } from "vscode";
import {
  CloseAction,
  DidChangeConfigurationNotification,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  type ProgressToken,
  RevealOutputChannelOn,
  ShowMessageNotification,
  type ShowMessageParams,
} from "vscode-languageclient/node";
import { DOCUMENTS, type IsPaused } from "./places";
import { configurationFor } from "./configuration";
import { SECTION } from "./settings";
import { readStatus, type ServerStatus } from "./status";

/** How long the server may take to answer `shutdown`, and then to be gone, in milliseconds. */
const SHUTDOWN_MS = 3000;
const EXIT_MS = 1000;

/** How a run came to its end; `neverBegan` where the program could not even be started. */
export interface Ending {
  readonly reason: string;
  readonly neverBegan: boolean;
}

export interface Session {
  /** Resolves when the server answers requests; never, if it ends before. */
  readonly ready: Promise<void>;
  /** Resolves when the process is gone, for whatever reason. */
  readonly ended: Promise<Ending>;
  /** Asks the server to go, and kills it if it does not within about four seconds. Never rejects. */
  stop(): Promise<void>;
  /** Makes the server ask for the settings again. */
  configurationChanged(): Promise<void>;
  /** Runs one of the server's commands. Rejects if the server cannot be asked or answers with an error. */
  execute(command: string, args: readonly unknown[]): Promise<unknown>;
}

/** What a session needs of the world around it. */
export interface Surroundings {
  readonly log: LogOutputChannel;
  readonly isPaused: IsPaused;
  onStatus(status: ServerStatus): void;
  /** The server has something to say to the user. */
  onMessage(message: ShowMessageParams): void;
}

/**
 * The library shows pop-ups of its own when a server does not start or dies, and logs where it stood in its own code;
 * what the user hears is up to `Server`, and the log has a line for it.
 */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    if (data === undefined) {
      super.error(message, undefined, false);
    } else {
      this.outputChannel.warn(`${message} ${data instanceof Error ? data.message : JSON.stringify(data)}`);
    }
  }
}

/** Starts the server. What goes wrong is told by `ended`; throws where the system takes the file for no program at all. */
export function launch(command: readonly string[], surroundings: Surroundings): Session {
  const { log } = surroundings;
  const [program = "", ...args] = command;
  const child = spawn(program, args, { cwd: workingDirectory(), windowsHide: true });
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  const ended = endingOf(child);
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  const client = new QuietClient(SECTION, "midfill", () => begun(child), optionsFor(surroundings, kill));
  client.onNotification("didChangeStatus", (params: unknown) => {
    const status = readStatus(params);
    if (status !== undefined) {
      surroundings.onStatus(status);
    }
  });
  client.onNotification(ShowMessageNotification.type, (message) => {
    surroundings.onMessage(message);
  });
  const ready = new Promise<void>((resolve) => {
    // A start that fails is told by the end of the process; one that only the client gives up must not leave it behind.
    client.start().then(resolve, kill);
  });
  return {
    ready,
    ended,
    async stop() {
      await client.stop(SHUTDOWN_MS).catch((error: unknown) => {
        log.debug(`The server was not stopped in order: ${String(error)}`);
      });
      await Promise.race([ended, delay(EXIT_MS, undefined, { ref: false })]);
      if (!isOver) {
        log.warn("The server does not stop; it is killed.");
        kill();
        await ended;
      }
    },
    configurationChanged: () => client.sendNotification(DidChangeConfigurationNotification.type, { settings: null }),
    execute: (name, given) => client.sendRequest(ExecuteCommandRequest.type, { command: name, arguments: [...given] }),
  };
}

/** Not the workspace: Python would take modules from there, and Windows could not remove the folder. */
function workingDirectory(): string | undefined {
  const home = homedir();
  return existsSync(home) ? home : undefined;
}

/** Resolves to the process once it runs; rejects if it cannot be started. */
async function begun(child: ChildProcess): Promise<ChildProcess> {
  await once(child, "spawn");
  return child;
}

function endingOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      if (child.pid === undefined) {
        resolve({ reason: error.message, neverBegan: true });
      }
    });
    child.once("exit", (code, signal) => {
      const reason = signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
      resolve({ reason, neverBegan: false });
    });
  });
}

function optionsFor(surroundings: Surroundings, kill: () => void): LanguageClientOptions {
  const { log } = surroundings;
  return {
    documentSelector: DOCUMENTS,
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: {
      // Whatever comes over a connection that has failed once cannot be trusted.
      error: (error) => {
        kill();
        return { action: ErrorAction.Continue, handled: true, message: `The connection failed: ${error.message}` };
      },
      closed: () => {
        kill();
        return { action: CloseAction.DoNotRestart, handled: true, message: "The connection to the server is closed." };
      },
    },
    // The log comes by LSP; here are crashes, and what C libraries write.
    stdioOptions: {
      stdout: () => undefined,
      stderr: (stream) => {
        createInterface({ input: stream }).on("line", (line) => {
          log.info(`stderr: ${line}`);
        });
      },
    },
    middleware: middlewareFor(surroundings),
  };
}

function middlewareFor({ log, isPaused }: Surroundings): Middleware {
  const stoppable = new Set<ProgressToken>();
  return {
    workspace: { configuration: (params) => params.items.map(configurationFor) },
    // What loads is shown by the status bar item; what the user can stop needs a button for it.
    handleWorkDoneProgress: (token, params, next) => {
      if (params.kind === "begin" && params.cancellable === true) {
        stoppable.add(token);
      }
      if (stoppable.has(token)) {
        next(token, params);
      }
    },
    provideInlineCompletionItems: async (document, position, context, token, next) => {
      if (isPaused(document)) {
        return undefined;
      }
      try {
        return await next(document, position, context, token);
      } catch (error) {
        // A superseded request is no news, and what else fails is in the log: VS Code would only count it against us.
        if (!(error instanceof CancellationError)) {
          log.debug(`No suggestion: ${String(error)}`);
        }
        return undefined;
      }
    },
    executeCommand: async (command, args, next): Promise<unknown> => {
      try {
        return await next(command, args);
      } catch (error) {
        log.debug(`${command}: ${String(error)}`);
        return undefined;
      }
    },
  };
}
