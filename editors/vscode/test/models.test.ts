import assert from "node:assert/strict";
import { test } from "node:test";
import { entryOf, readModels } from "../src/models";

const TINY = {
  ...{ name: "tiny", path: "/m/tiny.gguf", megabytes: 6.4, note: "for first runs" },
  ...{ isChosen: false, isThere: true, licenceNote: "" },
};

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

test("models: one to download says so, and what one has to agree to", () => {
  const entry = entryOf({ ...TINY, isThere: false, licenceNote: "for research only" });
  assert.deepEqual(entry, {
    label: "$(cloud-download) tiny",
    description: "6 MB to download",
    detail: "for first runs · for research only",
  });
});

test("models: what is missing is empty", () => {
  const bare = { name: "a", path: "", megabytes: null, note: "", isChosen: false, isThere: true, licenceNote: "" };
  assert.deepEqual(readModels([{ name: "a" }]), [bare]);
});
