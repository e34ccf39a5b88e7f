import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { entriesFor } from "../src/menu";
import type { Situation } from "../src/status";

const RUNNING: Situation = {
  phase: "running",
  sentence: "",
  server: { state: "ready", message: "", model: "tiny", percent: null },
  pause: undefined,
  switchedOff: undefined,
};
const SITUATIONS: readonly Situation[] = [
  RUNNING,
  { ...RUNNING, pause: "language" },
  { ...RUNNING, phase: "none", server: undefined },
  { ...RUNNING, phase: "failed", server: undefined },
];

function labels(situation: Situation): string[] {
  return entriesFor(situation).map(({ label }) => label.replace(/^\$\([\w~-]+\) /, ""));
}

test("menu: the state comes first, in words", () => {
  assert.deepEqual(
    SITUATIONS.map((situation) => labels(situation)[0]),
    ["Ready, tiny", "Paused for this language, tiny", "No server", "Error"],
  );
});

test("menu: what is paused can be resumed and not paused again", () => {
  const running = labels(RUNNING).filter((label) => /^(Pause|Resume)/.test(label));
  assert.deepEqual(running, ["Pause for This File", "Pause for This Language", "Pause for This Workspace"]);
  const paused = labels({ ...RUNNING, pause: "language" }).slice(1);
  assert.deepEqual(
    paused.filter((label) => /^(Pause|Resume)/.test(label)),
    ["Resume (paused for this language)"],
  );
});

test("menu: a missing server can be installed", () => {
  assert.ok(labels({ ...RUNNING, phase: "none" }).includes("Install Server"));
  assert.ok(!labels(RUNNING).includes("Install Server"));
});

test("menu: every entry is a command of the extension", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
    contributes: { commands: { command: string }[] };
  };
  const known = new Set(manifest.contributes.commands.map(({ command }) => command));
  for (const { command } of SITUATIONS.flatMap(entriesFor)) {
    assert.ok(known.has(command), command);
  }
});
