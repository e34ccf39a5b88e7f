/** Keeps the server running: finds it, starts it, and starts it again when it ends by itself. */

import { join, sep } from "node:path";
import type { LogOutputChannel } from "vscode";
import type { Found } from "./find";
import { afterFailure, NO_FAILURES } from "./restarts";
import { launch, type Session, type Surroundings } from "./session";
import type { Situation } from "./status";

/** What the server's keeper needs, and whom it tells. */
export interface Keeping extends Surroundings {
  find(): Promise<Found | undefined>;
  onPhase(phase: Situation["phase"], sentence: string): void;
  /** There is no server on this machine. */
  onMissing(): void;
  /** The server cannot be started, or never comes up; the sentence says so to the user. */
  onTrouble(sentence: string): void;
}

/** The one server of a window. */
export class Server {
  readonly #keeping: Keeping;
  readonly #log: LogOutputChannel;
  #session: Session | undefined;
  #stopped: Promise<void> | undefined;
  #isReady = false;
  #command: readonly string[] = [];
  #failures = NO_FAILURES;
  #timer: NodeJS.Timeout | undefined;
  /** Each start, restart and stop has a number; what belongs to an older one has no say any more. */
  #turn = 0;

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
    this.#log = keeping.log;
  }

  /** Whether requests are answered. */
  get isRunning(): boolean {
    return this.#isReady;
  }

  /** Whether this command is the one that runs, or that is being started. */
  isOf({ command }: Found): boolean {
    return command.join("\0") === this.#command.join("\0");
  }

  /** Whether the program that runs, or is being started, lies in a folder. */
  isIn(folder: string): boolean {
    return this.#command[0]?.startsWith(join(folder, sep)) === true;
  }

  /** Looks for the server anew and starts it; one that runs is stopped first. Never rejects. */
  async restart(): Promise<void> {
    const turn = await this.#halt();
    if (turn !== this.#turn) {
      return;
    }
    this.#failures = NO_FAILURES;
    this.#keeping.onPhase("starting", "The server is being started.");
    const found = await this.#keeping.find();
    if (turn !== this.#turn) {
      return;
    }
    if (found === undefined) {
      this.#keeping.onPhase("none", "midfill's language server is not on this machine yet.");
      this.#keeping.onMissing();
      return;
    }
    this.#log.info(`The server is ${found.command.join(" ")} (from ${found.origin}).`);
    this.#command = found.command;
    this.#launch(turn);
  }

  /** Stops the server; resolves when its process is gone. Never rejects. */
  async stop(): Promise<void> {
    await this.#halt();
  }

  /** Makes a server that runs ask for the settings again; one that does not will ask when it starts. Never rejects. */
  async configurationChanged(): Promise<void> {
    if (this.#isReady) {
      await this.#session?.configurationChanged().catch((error: unknown) => {
        this.#log.debug(`The server was not told of new settings: ${String(error)}`);
      });
    }
  }

  /** Runs one of the server's commands. Rejects where no server runs, or if it answers with an error. */
  async execute(command: string, ...args: readonly unknown[]): Promise<unknown> {
    if (!this.#isReady || this.#session === undefined) {
      throw new Error("midfill's server is not running.");
    }
    return this.#session.execute(command, args);
  }

  async #halt(): Promise<number> {
    const turn = ++this.#turn;
    clearTimeout(this.#timer);
    const session = this.#session;
    this.#session = undefined;
    this.#isReady = false;
    this.#command = [];
    // A second halt waits for the process of the first.
    this.#stopped = session?.stop() ?? this.#stopped;
    await this.#stopped;
    return turn;
  }

  #launch(turn: number): void {
    const begun = performance.now();
    let session: Session;
    try {
      session = launch(this.#command, this.#keeping);
    } catch (error) {
      // On Windows a file that is no program is refused at once.
      this.#giveUp(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#session = session;
    void session.ready.then(() => {
      if (turn === this.#turn && this.#session === session) {
        this.#isReady = true;
        this.#log.info(`The server came up in ${(performance.now() - begun).toFixed(0)} ms.`);
        this.#keeping.onPhase("running", "");
      }
    });
    void session.ended.then(({ reason, neverBegan }) => {
      if (turn !== this.#turn) {
        return;
      }
      this.#session = undefined;
      this.#isReady = false;
      if (neverBegan) {
        this.#giveUp(reason);
        return;
      }
      this.#launchLater(turn, reason, (performance.now() - begun) / 1000);
    });
  }

  /** A program that the system cannot start will not be another one a minute later. */
  #giveUp(reason: string): void {
    this.#log.error(`${this.#command.join(" ")} cannot be started: ${reason}`);
    this.#keeping.onPhase("failed", `The server cannot be started: ${reason}`);
    this.#keeping.onTrouble(
      `midfill's language server cannot be started (${reason}). Correct midfill.serverCommand or install it anew.`,
    );
  }

  #launchLater(turn: number, reason: string, lasted: number): void {
    const { failures, pause, isTimeToTell } = afterFailure(this.#failures, lasted);
    this.#failures = failures;
    const sentence = `The server has ended by itself (${reason}); it is started again in ${String(pause)} s.`;
    this.#log.warn(sentence);
    this.#keeping.onPhase("failed", sentence);
    if (isTimeToTell) {
      this.#keeping.onTrouble(
        "midfill's language server does not come up; the log says why. It is tried again now and then.",
      );
    }
    this.#timer = setTimeout(() => {
      this.#keeping.onPhase("starting", sentence);
      this.#launch(turn);
    }, pause * 1000);
  }
}
