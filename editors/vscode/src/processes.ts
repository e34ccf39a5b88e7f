/** Child processes: to run one to its end, and to end one with all that it has started. Knows no VS Code. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A command that ended otherwise than well; `output` holds its last lines. */
export class CommandError extends Error {
  readonly output: string;

  constructor(command: readonly string[], ending: string, output: string) {
    super(`${command.join(" ")}: ${ending}`);
    this.name = "CommandError";
    this.output = output;
  }
}

/** How many lines of output are kept for the error. */
const KEPT_LINES = 200;

/**
 * Runs a command to its end and returns the last lines of what it wrote.
 *
 * @param onLine Hears of each line of both outputs.
 * @throws CommandError where the command cannot be started or does not exit with 0; the signal's reason where that
 *     has ended it, after all its processes are gone.
 */
export async function run(
  command: readonly string[],
  onLine: (line: string) => void,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  signal.throwIfAborted();
  const [program = "", ...args] = command;
  // A group of its own, so that a cancelled pip does not leave its compilers behind.
  const child = spawn(program, args, {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
    detached: process.platform !== "win32",
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      lines.splice(0, lines.length - KEPT_LINES);
      onLine(line);
    });
  }
  const cancel = (): void => {
    endTree(child);
  };
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const ending = await endingOf(child);
    signal.throwIfAborted();
    if (ending !== "exit code 0") {
      throw new CommandError(command, ending, lines.join("\n"));
    }
    return lines.join("\n");
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** Resolves once a process has ended, or could not be started, with the words that say how. Never rejects. */
function endingOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      if (child.pid === undefined) {
        resolve(error.message);
      }
    });
    // "close" comes after "exit", when all output has been read.
    child.once("close", (code, signal) => {
      resolve(signal === null ? `exit code ${String(code)}` : `signal ${signal}`);
    });
  });
}

/** Ends a process that `run` has started, and its children. */
function endTree(child: ChildProcess): void {
  if (child.pid === undefined) {
    return;
  }
  if (process.platform === "win32") {
    spawn("taskkill", ["/pid", String(child.pid), "/t", "/f"], { windowsHide: true, stdio: "ignore" });
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
