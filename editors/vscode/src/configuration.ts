/** VS Code's settings of the section `midfill`. */

import { commands, Uri, workspace } from "vscode";
import type { ConfigurationItem } from "vscode-languageclient/node";
import { explicitSettings, SECTION } from "./settings";

/** Returns the answer to one item of `workspace/configuration`: what is set explicitly, `null` for other sections. */
export function configurationFor(item: ConfigurationItem): unknown {
  if (item.section !== SECTION) {
    return null;
  }
  const scope = item.scopeUri === undefined ? undefined : Uri.parse(item.scopeUri);
  const configuration = workspace.getConfiguration(SECTION, scope);
  return explicitSettings(Object.keys(configuration), (key) => configuration.inspect(key));
}

/** Returns `midfill.serverCommand`: the program and its arguments; empty where midfill should find it. */
export function serverCommand(): readonly string[] {
  const value: unknown = workspace.getConfiguration(SECTION).get("serverCommand");
  return Array.isArray(value) && value.every((part) => typeof part === "string") ? value : [];
}

/** Shows the setting `midfill.serverCommand` to the user. */
export function openServerSetting(): void {
  void commands.executeCommand("workbench.action.openSettings", `${SECTION}.serverCommand`);
}
