/** Installs the server on the user's word, with progress and one sentence if it does not work. */

import { join } from "node:path";
import { type ExtensionContext, type LogOutputChannel, ProgressLocation, window } from "vscode";
import { type Environment, install, InstallError, installedEnvironment, removeOthers } from "./install";
import { complain } from "./messages";

export interface Installer {
  /** Returns the folder of the private environment, `undefined` where there is none. */
  environment(): string | undefined;
  /** Whether the private environment was made by another version of the extension. */
  isOutdated(): boolean;
  /** Removes environments of other versions, if there is one of this version. Never rejects. */
  tidy(): Promise<void>;
  /** Makes the private environment of this version; resolves to whether it is there then. Never rejects. */
  install(): Promise<boolean>;
}

/** Returns the installer of this version of the extension. */
export function createInstaller(
  context: ExtensionContext,
  log: LogOutputChannel,
  interpreter: () => Promise<string | undefined>,
): Installer {
  const { version } = context.extension.packageJSON as { version: string };
  const root = join(context.globalStorageUri.fsPath, "server");
  const environment = (): Environment | undefined => installedEnvironment(root, version);
  let underWay: Promise<boolean> | undefined;

  async function installWithProgress(): Promise<boolean> {
    const options = {
      location: ProgressLocation.Notification,
      title: "midfill: installing the language server",
      cancellable: true,
    };
    return window.withProgress(options, async (progress, token) => {
      const cancelled = new AbortController();
      token.onCancellationRequested(() => {
        cancelled.abort();
      });
      const selected = await interpreter();
      const installation = {
        root,
        version,
        requirement: process.env.MIDFILL_PACKAGE ?? `midfill==${version}`,
        interpreters: selected === undefined ? [] : [selected],
        path: process.env.PATH ?? "",
        onStep: (message: string) => {
          progress.report({ message });
        },
        onLine: (line: string) => {
          log.info(`install: ${line}`);
        },
      };
      try {
        await install(installation, cancelled.signal);
        log.info("The server is installed.");
        return true;
      } catch (error) {
        if (cancelled.signal.aborted) {
          log.info("The installation was cancelled.");
        } else {
          log.error(`The installation failed: ${String(error)}`);
          void complain(
            error instanceof InstallError
              ? error.message
              : "midfill's server could not be installed; the log says why.",
            log,
          );
        }
        return false;
      }
    });
  }

  return {
    environment: () => environment()?.folder,
    isOutdated: () => {
      const found = environment();
      return found !== undefined && found.version !== version;
    },
    tidy: async () => {
      if (environment()?.version === version) {
        await removeOthers(root, version).catch((error: unknown) => {
          log.warn(`Old environments could not be removed: ${String(error)}`);
        });
      }
    },
    install: async () => {
      underWay ??= installWithProgress().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
  };
}
