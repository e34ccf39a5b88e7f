/** What the menu of the status bar item offers. Knows no VS Code. */

import { appearanceOf, type Situation } from "./status";

/** One line of the menu, and the command that it runs. */
export interface Entry {
  readonly label: string;
  readonly command: string;
}

/** Returns the menu for a situation: first the state in words, then what can be done about it. */
export function entriesFor(situation: Situation): readonly Entry[] {
  const { words, text } = appearanceOf(situation);
  const icon = /^\$\([\w~-]+\)/.exec(text)?.[0] ?? "";
  const state = { label: `${icon} ${words.charAt(0).toUpperCase()}${words.slice(1)}`, command: "midfill.showLog" };
  return [state, ...actionsFor(situation)];
}

function actionsFor({ phase, pause }: Situation): readonly Entry[] {
  const log = { label: "$(output) Show Log", command: "midfill.showLog" };
  const restart = { label: "$(debug-restart) Restart Server", command: "midfill.restartServer" };
  if (phase === "none") {
    return [{ label: "$(cloud-download) Install Server", command: "midfill.installServer" }, restart, log];
  }
  const pauses =
    pause === undefined
      ? [
          { label: "$(debug-pause) Pause for This File", command: "midfill.pauseFile" },
          { label: "$(debug-pause) Pause for This Language", command: "midfill.pauseLanguage" },
          { label: "$(debug-pause) Pause for This Workspace", command: "midfill.pauseWorkspace" },
        ]
      : [{ label: `$(debug-continue) Resume (paused for this ${pause})`, command: "midfill.resume" }];
  return [
    ...pauses,
    { label: "$(library) Choose Model", command: "midfill.chooseModel" },
    { label: "$(question) Explain Last Suggestion", command: "midfill.showExplanation" },
    { label: "$(graph) Statistics", command: "midfill.showStatistics" },
    restart,
    log,
  ];
}
