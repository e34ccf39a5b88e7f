/** The interpreter that the Python extension has selected for the workspace, if that extension is there. */

import { setTimeout as delay } from "node:timers/promises";
import { type Disposable, type Event, extensions, type LogOutputChannel, type Uri, workspace } from "vscode";

/** How long the Python extension may take to come up, which on a remote machine is long; in milliseconds. */
const PATIENCE_MS = 15_000;

/** The part of the Python extension's API that is used here. */
interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: Uri): { readonly path: string };
    resolveEnvironment(environment: {
      readonly path: string;
    }): Promise<{ readonly executable: { readonly uri?: Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: Event<unknown>;
  };
}

/**
 * Returns the file of the selected interpreter; `undefined` where there is none, where the Python extension is
 * missing or does not answer, and in a workspace that is not trusted, whose programs must not be run. Never rejects.
 */
export async function selectedInterpreter(log: LogOutputChannel): Promise<string | undefined> {
  if (!workspace.isTrusted) {
    return undefined;
  }
  const asked = interpreterOf(workspace.workspaceFolders?.[0]?.uri).catch((error: unknown) => {
    log.warn(`The Python extension does not say which interpreter is selected: ${String(error)}`);
    return undefined;
  });
  return Promise.race([asked, delay(PATIENCE_MS, undefined, { ref: false })]);
}

/** Calls back whenever another interpreter is selected; does nothing where there is no Python extension. */
export async function onInterpreterChange(callback: () => void): Promise<Disposable | undefined> {
  const api = await pythonApi();
  return api?.environments.onDidChangeActiveEnvironmentPath(callback);
}

async function interpreterOf(folder: Uri | undefined): Promise<string | undefined> {
  const environments = (await pythonApi())?.environments;
  const resolved = await environments?.resolveEnvironment(environments.getActiveEnvironmentPath(folder));
  return resolved?.executable.uri?.fsPath;
}

async function pythonApi(): Promise<PythonApi | undefined> {
  const api: unknown = await extensions.getExtension("ms-python.python")?.activate();
  return isPythonApi(api) ? api : undefined;
}

function isPythonApi(api: unknown): api is PythonApi {
  return typeof api === "object" && api !== null && "environments" in api;
}
