import assert from "node:assert/strict";
import { test } from "node:test";
import { appearanceOf, readStatus, type ServerStatus, type Situation } from "../src/status";

function situation(change: Partial<Situation>, server: Partial<ServerStatus> = {}): Situation {
  return {
    phase: "running",
    sentence: "",
    server: { state: "ready", message: "", model: "tiny", percent: null, ...server },
    pause: undefined,
    switchedOff: undefined,
    ...change,
  };
}

const cases: [Situation, text: string, words: string][] = [
  [situation({ phase: "none" }), "$(circle-slash) midfill", "no server"],
  [situation({ phase: "starting" }), "$(loading~spin) midfill", "starting"],
  [situation({ server: undefined }), "$(loading~spin) midfill", "starting"],
  [situation({ phase: "failed" }), "$(warning) midfill", "error"],
  [situation({}, { state: "loading", model: "" }), "$(loading~spin) midfill", "loading"],
  [situation({}, { state: "loading", model: "", percent: 42 }), "$(loading~spin) midfill 42 %", "loading, 42 %"],
  [situation({}, { state: "loading", percent: 0 }), "$(loading~spin) midfill 0 %", "loading, 0 %, tiny"],
  [situation({}, { state: "downloading", model: "" }), "$(cloud-download) midfill", "downloading"],
  [situation({}, { state: "downloading", model: "", percent: 7 }), "$(cloud-download) 7 %", "downloading, 7 %"],
  [situation({}), "$(sparkle) tiny", "ready, tiny"],
  [situation({}, { state: "thinking" }), "$(loading~spin) tiny", "thinking, tiny"],
  [situation({}, { state: "paused" }), "$(debug-pause) tiny", "paused, tiny"],
  [situation({}, { state: "error", model: "" }), "$(warning) midfill", "error"],
  [situation({ pause: "file" }), "$(debug-pause) tiny", "paused for this file, tiny"],
  [situation({ pause: "language" }), "$(debug-pause) tiny", "paused for this language, tiny"],
  [situation({ pause: "workspace" }), "$(debug-pause) tiny", "paused for this workspace, tiny"],
  [situation({ pause: "file" }, { state: "thinking" }), "$(debug-pause) tiny", "paused for this file, tiny"],
  [situation({ switchedOff: "Not in Markdown." }), "$(debug-pause) tiny", "paused, tiny"],
  [situation({ pause: "file" }, { state: "loading", model: "" }), "$(loading~spin) midfill", "loading"],
  [situation({ pause: "file" }, { state: "error", model: "" }), "$(warning) midfill", "error"],
];

for (const [given, text, words] of cases) {
  test(`status: ${text} is "${words}"`, () => {
    const appearance = appearanceOf(given);
    assert.equal(appearance.text, text);
    assert.equal(appearance.words, words);
    assert.equal(appearance.isProblem, words.startsWith("error"));
  });
}

const sentences: [Situation, tooltip: string][] = [
  [situation({}), "midfill: ready, tiny"],
  [situation({}, { message: "This model is a toy." }), "midfill: ready, tiny\n\nThis model is a toy."],
  [situation({ phase: "failed", sentence: "It has ended." }), "midfill: error\n\nIt has ended."],
  [situation({ switchedOff: "Not in Markdown." }), "midfill: paused, tiny\n\nNot in Markdown."],
];

for (const [given, tooltip] of sentences) {
  test(`status: the tooltip says ${JSON.stringify(tooltip)}`, () => {
    assert.equal(appearanceOf(given).tooltip, tooltip);
  });
}

test("status: what the server sends is read", () => {
  const sent = { kind: "Normal", busy: true, state: "loading", message: "m", model: "tiny", percent: 41.6 };
  assert.deepEqual(readStatus(sent), { state: "loading", message: "m", model: "tiny", percent: 42 });
  assert.deepEqual(readStatus({ state: "ready" }), { state: "ready", message: "", model: "", percent: null });
});

for (const sent of [undefined, null, "ready", {}, { state: "unheard of" }]) {
  test(`status: ${JSON.stringify(sent)} is none`, () => {
    assert.equal(readStatus(sent), undefined);
  });
}
