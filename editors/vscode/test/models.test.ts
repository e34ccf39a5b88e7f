import assert from "node:assert/strict";
import { test } from "node:test";
import { entryOf, readModels } from "../src/models";

const TINY = { name: "tiny", path: "/m/tiny.gguf", megabytes: 6.4, note: "for first runs", isChosen: false };

test("models: name, size, remark and place are shown", () => {
  assert.deepEqual(entryOf(TINY), { label: "tiny", description: "6 MB", detail: "for first runs · /m/tiny.gguf" });
});

test("models: the chosen one is marked", () => {
  const entry = entryOf({ ...TINY, isChosen: true, megabytes: null, note: "" });
  assert.deepEqual(entry, { label: "$(check) tiny", description: "chosen", detail: "/m/tiny.gguf" });
});

test("models: what is no model is left out", () => {
  assert.deepEqual(readModels([TINY, null, "tiny", { path: "/m/x.gguf" }]), [TINY]);
  assert.deepEqual(readModels(undefined), []);
});

test("models: what is missing is empty", () => {
  assert.deepEqual(readModels([{ name: "a" }]), [{ name: "a", path: "", megabytes: null, note: "", isChosen: false }]);
});
