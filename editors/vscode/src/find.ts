/** Where the server is. Knows no VS Code. */

import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";

/** The command of the server, and in words where it comes from. */
export interface Found {
  readonly command: readonly string[];
  readonly origin: string;
}

/** The origin of a command that the user has set. */
export const SETTING = "the setting midfill.serverCommand";

/** Where to look, in this order. */
export interface Sources {
  /** The setting `midfill.serverCommand`; empty where it is not set. */
  readonly configured: readonly string[];
  /** The Python interpreter that is selected for the workspace; asked only if it is needed. */
  readonly interpreter: () => Promise<string | undefined>;
  /** The folders of PATH. */
  readonly path: string;
  /** The folder of the extension's private environment; `undefined` where it has none. */
  readonly privateEnvironment: () => string | undefined;
}

/** Returns the first server whose file exists, `undefined` where there is none. */
export async function findServer(sources: Sources): Promise<Found | undefined> {
  return (
    configuredServer(sources) ??
    besideInterpreter(await sources.interpreter()) ??
    onPath(sources.path) ??
    inPrivateEnvironment(sources.privateEnvironment())
  );
}

function configuredServer({ configured, path }: Sources): Found | undefined {
  const [program, ...args] = configured;
  const file = program === undefined ? undefined : resolveProgram(program, path);
  return file === undefined ? undefined : { command: [file, ...args], origin: SETTING };
}

function besideInterpreter(interpreter: string | undefined): Found | undefined {
  if (interpreter === undefined) {
    return undefined;
  }
  const folder = dirname(interpreter);
  // On Windows conda's interpreter lies one level above its programs.
  const file = [folder, join(folder, "Scripts")].map((place) => join(place, midfill())).find(isProgram);
  return file === undefined ? undefined : { command: [file, "serve"], origin: `the environment of ${interpreter}` };
}

function onPath(path: string): Found | undefined {
  const file = resolveProgram("midfill", path);
  return file === undefined ? undefined : { command: [file, "serve"], origin: "PATH" };
}

function inPrivateEnvironment(folder: string | undefined): Found | undefined {
  const file = folder === undefined ? undefined : programIn(folder, "midfill");
  return file !== undefined && isProgram(file)
    ? { command: [file, "serve"], origin: "the extension's private environment" }
    : undefined;
}

/** Returns where a program of a virtual environment lies, whether it is there or not. */
export function programIn(environment: string, name: string): string {
  return process.platform === "win32" ? join(environment, "Scripts", `${name}.exe`) : join(environment, "bin", name);
}

/** Returns the file of a program that is named by a path (`~` is the home folder) or to be looked for in PATH's folders. */
export function resolveProgram(program: string, path: string): string | undefined {
  const named = program.startsWith("~") ? join(homedir(), program.slice(1)) : program;
  if (isAbsolute(named)) {
    return isProgram(named) ? named : undefined;
  }
  const names = process.platform === "win32" ? [`${named}.exe`, named] : [named];
  // An empty or relative folder would be one of the workspace's.
  const folders = path.split(delimiter).filter(isAbsolute);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function midfill(): string {
  return process.platform === "win32" ? "midfill.exe" : "midfill";
}
