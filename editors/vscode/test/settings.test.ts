import assert from "node:assert/strict";
import { test } from "node:test";
import { explicitSettings, type Levels } from "../src/settings";

const cases: { name: string; levels: Record<string, Levels & { defaultValue?: unknown }>; expected: unknown }[] = [
  { name: "defaults are not told", levels: { maxTokens: { defaultValue: 0 } }, expected: {} },
  {
    name: "the user's value is",
    levels: { maxTokens: { defaultValue: 0, globalValue: 0 } },
    expected: { maxTokens: 0 },
  },
  { name: "so is one that is off", levels: { enabled: { globalValue: false } }, expected: { enabled: false } },
  {
    name: "the workspace goes before the user",
    levels: { model: { globalValue: "a", workspaceValue: "b" } },
    expected: { model: "b" },
  },
  {
    name: "the folder goes before the workspace",
    levels: { model: { globalValue: "a", workspaceValue: "b", workspaceFolderValue: "c" } },
    expected: { model: "c" },
  },
  {
    name: "tables are merged",
    levels: {
      multilineByLanguage: {
        globalValue: { python: "never", go: "auto" },
        workspaceValue: { go: "always" },
      },
    },
    expected: { multilineByLanguage: { python: "never", go: "always" } },
  },
  {
    name: "lists are not",
    levels: { exclude: { globalValue: ["a"], workspaceValue: ["b"] } },
    expected: { exclude: ["b"] },
  },
  {
    name: "what the extension alone knows stays here",
    levels: { serverCommand: { globalValue: ["x"] }, trace: { globalValue: { server: "verbose" } } },
    expected: {},
  },
  {
    name: "an unknown one goes along, to be warned of",
    levels: { modle: { globalValue: "a" } },
    expected: { modle: "a" },
  },
];

for (const { name, levels, expected } of cases) {
  test(`settings: ${name}`, () => {
    assert.deepEqual(
      explicitSettings(Object.keys(levels), (key) => levels[key]),
      expected,
    );
  });
}

test("settings: what cannot be inspected is left out", () => {
  assert.deepEqual(
    explicitSettings(["get", "model"], () => undefined),
    {},
  );
});
