/**
 * The extension's private virtual environment, in a folder of its own for each version: `ROOT/0.1.0`.
 *
 * A virtual environment cannot be moved, so it is made in its place, and counts once the file `complete` is in it.
 * Knows no VS Code.
 */

import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programIn, resolveProgram } from "./find";
import { CommandError, run } from "./processes";

/** The oldest Python that midfill runs on. */
const OLDEST_PYTHON = "3.10";
const COMPLETE = "complete";
const LOCK = "installing";

/** The installation is not possible; the message is one sentence for the user, with the remedy. */
export class InstallError extends Error {
  override readonly name = "InstallError";
}

/** What is to be installed, and who is told. */
export interface Installation {
  readonly root: string;
  readonly version: string;
  /** What pip is asked for. */
  readonly requirement: string;
  /** Interpreters to try first; then those on the path. */
  readonly interpreters: readonly string[];
  readonly path: string;
  /** Hears what is being done, in a few words. */
  readonly onStep: (step: string) => void;
  /** Hears each line that the programs write. */
  readonly onLine: (line: string) => void;
}

/** An environment that is complete. */
export interface Environment {
  readonly folder: string;
  readonly version: string;
}

/** Returns the environment of a version, or else of another one, `undefined` where there is none. */
export function installedEnvironment(root: string, version: string): Environment | undefined {
  const complete = versionsIn(root).filter((name) => existsSync(join(root, name, COMPLETE)));
  const chosen = complete.find((name) => name === version) ?? complete.at(-1);
  return chosen === undefined ? undefined : { folder: join(root, chosen), version: chosen };
}

/**
 * Makes the environment of a version, anew if it is there.
 *
 * @throws InstallError with a sentence for the user; the signal's reason where that has ended it. In both cases
 *     nothing of the new environment is left.
 */
export async function install(installation: Installation, signal: AbortSignal): Promise<void> {
  const { root, version } = installation;
  const folder = join(root, version);
  await mkdir(root, { recursive: true });
  const unlock = await lock(join(root, LOCK));
  try {
    await remove(folder);
    await make(folder, installation, signal);
    await writeFile(join(folder, COMPLETE), "");
  } catch (error) {
    await remove(folder);
    signal.throwIfAborted();
    throw error instanceof CommandError ? new InstallError(remedyFor(error.output)) : error;
  } finally {
    await unlock();
  }
}

/** Removes the environments of other versions, and what is left of installations that were killed. */
export async function removeOthers(root: string, version: string): Promise<void> {
  if (!existsSync(join(root, LOCK))) {
    const others = versionsIn(root).filter((name) => name !== version);
    await Promise.all(others.map((name) => remove(join(root, name))));
  }
}

/** Returns in a few words what a line of pip's says is going on, `undefined` for most lines. */
export function stepOf(line: string): string | undefined {
  const [, collected] = /^Collecting ([\w.-]+)/.exec(line) ?? [];
  const [, built] = /^\s*Building wheel for ([\w.-]+) .*started/.exec(line) ?? [];
  if (built !== undefined) {
    return `building ${built}, which can take minutes`;
  }
  if (collected !== undefined) {
    return `fetching ${collected}`;
  }
  return line.startsWith("Installing collected packages") ? "putting the packages in place" : undefined;
}

async function make(folder: string, installation: Installation, signal: AbortSignal): Promise<void> {
  const { onStep, onLine, requirement } = installation;
  onStep("looking for Python");
  const python = await findPython(installation, signal);
  // -I keeps modules of the current folder out, which may be anybody's.
  onStep("making a virtual environment");
  await run([...python, "-I", "-m", "venv", folder], onLine, signal);
  onStep(`fetching ${requirement}`);
  const onPipLine = (line: string): void => {
    onLine(line);
    const step = stepOf(line);
    if (step !== undefined) {
      onStep(step);
    }
  };
  const pip = [programIn(folder, "python"), "-I", "-m", "pip", "--disable-pip-version-check", "--no-input"];
  await run([...pip, "install", requirement], onPipLine, signal);
}

/** Returns the command of the first interpreter that is new enough. */
async function findPython({ interpreters, path, onLine }: Installation, signal: AbortSignal): Promise<string[]> {
  const launcher = process.platform === "win32" ? resolveProgram("py", path) : undefined;
  const onPath = ["python3", "python"].map((name) => resolveProgram(name, path));
  const candidates = [...interpreters, ...onPath].map((file) => (file === undefined ? [] : [file]));
  const check = `import sys; sys.exit(sys.version_info < (${OLDEST_PYTHON.replace(".", ", ")}))`;
  for (const candidate of [...candidates, launcher === undefined ? [] : [launcher, "-3"]]) {
    if (candidate.length > 0 && (await succeeds([...candidate, "-I", "-c", check], signal))) {
      onLine(`Python: ${candidate.join(" ")}`);
      return candidate;
    }
  }
  throw new InstallError(
    `midfill needs Python ${OLDEST_PYTHON} or later on this machine: install it from python.org or your system's ` +
      "packages and try again.",
  );
}

async function succeeds(command: readonly string[], signal: AbortSignal): Promise<boolean> {
  try {
    await run(command, () => undefined, signal);
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

function remedyFor(output: string): string {
  if (output.includes("ensurepip")) {
    return "Python cannot make virtual environments here: install python3-venv (Debian, Ubuntu) and try again.";
  }
  return "midfill's language server could not be installed; the log says why.";
}

/** Keeps other windows from installing at the same time; returns what ends that. */
async function lock(file: string): Promise<() => Promise<void>> {
  const owner = Number(await readFile(file, "utf8").catch(() => ""));
  if (owner > 0 && owner !== process.pid && isAlive(owner)) {
    throw new InstallError(
      "Another window is installing midfill's language server; restart it here when that is done.",
    );
  }
  await writeFile(file, String(process.pid));
  return () => rm(file, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function versionsIn(root: string): string[] {
  try {
    const entries = readdirSync(root, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

async function remove(folder: string): Promise<void> {
  // Windows may hold on to files of a program that has just ended.
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
