/** What is known of the server and the document at hand, and how that is said. Knows no VS Code. */

import type { Pause } from "./pauses";

const STATES = ["loading", "downloading", "ready", "thinking", "paused", "error"] as const;

/** The server's own state, as its notification `didChangeStatus` brings it. */
export interface ServerStatus {
  readonly state: (typeof STATES)[number];
  /** One sentence for people, or nothing. */
  readonly message: string;
  /** The name of the model in use; empty before one is loaded. */
  readonly model: string;
  /** How much is loaded or downloaded, from 0 to 100; `null` where that is not known. */
  readonly percent: number | null;
}

/**
 * What the extension knows: whether there is a server to ask, and the sentence that explains why not; the server's
 * state once it has told it; why the document at hand gets no suggestions, if so.
 */
export interface Situation {
  readonly phase: "none" | "starting" | "running" | "failed";
  readonly sentence: string;
  readonly server: ServerStatus | undefined;
  readonly pause: Pause | undefined;
  /** The server's reason to give the document at hand nothing; `undefined` where there is none. */
  readonly switchedOff: string | undefined;
}

/** What the status bar shows; all in words for the menu and for those who hear it read aloud. */
export interface Appearance {
  readonly text: string;
  /** "ready, tiny" */
  readonly words: string;
  readonly tooltip: string;
  readonly isProblem: boolean;
}

/** Returns the server's status out of what it has sent, `undefined` where that is something else. */
export function readStatus(value: unknown): ServerStatus | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { state, message, model, percent } = value as Record<string, unknown>;
  const known = STATES.find((name) => name === state);
  if (known === undefined) {
    return undefined;
  }
  return {
    state: known,
    message: typeof message === "string" ? message : "",
    model: typeof model === "string" ? model : "",
    percent: typeof percent === "number" ? Math.round(percent) : null,
  };
}

/** Returns how a situation is shown. */
export function appearanceOf(situation: Situation): Appearance {
  const { phase, server } = situation;
  if (phase === "none") {
    return appearance("$(circle-slash) midfill", ["no server"], situation.sentence);
  }
  if (phase === "failed") {
    return appearance("$(warning) midfill", ["error"], situation.sentence);
  }
  if (phase === "starting" || server === undefined) {
    return appearance("$(loading~spin) midfill", ["starting"], situation.sentence);
  }
  return pausedAppearance(situation, server) ?? runningAppearance(server);
}

function pausedAppearance({ pause, switchedOff }: Situation, server: ServerStatus): Appearance | undefined {
  // What keeps every document waiting is said before what concerns this one alone.
  if (["error", "loading", "downloading"].includes(server.state)) {
    return undefined;
  }
  const text = `$(debug-pause) ${server.model || "midfill"}`;
  if (pause !== undefined) {
    return appearance(text, [`paused for this ${pause}`, server.model], "You have paused midfill here.");
  }
  if (switchedOff !== undefined) {
    return appearance(text, ["paused", server.model], switchedOff);
  }
  return undefined;
}

function runningAppearance({ state, model, message, percent }: ServerStatus): Appearance {
  const share = percent === null ? "" : `${String(percent)} %`;
  switch (state) {
    case "loading":
      return appearance(`$(loading~spin) midfill ${share}`.trimEnd(), [state, share, model], message);
    case "downloading":
      return appearance(`$(cloud-download) ${share || "midfill"}`, [state, share, model], message);
    case "ready":
      return appearance(`$(sparkle) ${model || "midfill"}`, [state, model], message);
    case "thinking":
      return appearance(`$(loading~spin) ${model || "midfill"}`, [state, model], message);
    case "paused":
      return appearance(`$(debug-pause) ${model || "midfill"}`, [state, model], message);
    case "error":
      return appearance("$(warning) midfill", [state, model], message);
  }
}

function appearance(text: string, parts: readonly string[], sentence: string): Appearance {
  const words = parts.filter((part) => part !== "").join(", ");
  const tooltip = [`midfill: ${words}`, sentence].filter((line) => line !== "").join("\n\n");
  return { text, words, tooltip, isProblem: parts[0] === "error" };
}
