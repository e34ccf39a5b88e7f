/** What the server is told of the user's settings. Knows no VS Code. */

/** The section of all settings. */
export const SECTION = "midfill";

/** Settings of the extension alone: the server would warn of them as unknown. */
const OWN: ReadonlySet<string> = new Set(["serverCommand", "trace"]);

/** What an editor knows of one setting; a level where it is not set is `undefined`. */
export interface Levels {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

/**
 * Returns the settings that somebody has set, and no defaults: those would hide the user's own configuration file,
 * which the server reads by itself.
 *
 * The folder's value goes before the workspace's, and that before the user's; tables are merged, as VS Code does it.
 *
 * @param keys The names below `midfill.`; those of the extension alone and unset ones are left out.
 */
export function explicitSettings(
  keys: readonly string[],
  inspect: (key: string) => Levels | undefined,
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const key of keys) {
    const value = OWN.has(key) ? undefined : strongest(inspect(key));
    if (value !== undefined) {
      settings[key] = value;
    }
  }
  return settings;
}

function strongest(levels: Levels | undefined): unknown {
  const values = [levels?.globalValue, levels?.workspaceValue, levels?.workspaceFolderValue];
  return values.reduce((weaker, stronger) => {
    if (isTable(weaker) && isTable(stronger)) {
      return { ...weaker, ...stronger };
    }
    return stronger ?? weaker;
  });
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
