import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pause, Pauses, type Store } from "../src/pauses";

const PYTHON = { uri: "file:///w/a.py", language: "python" };
const OTHER = { uri: "file:///w/b.py", language: "python" };
const TEXT = { uri: "file:///w/c.txt", language: "plaintext" };

function memory(): Store {
  const values = new Map<string, unknown>();
  return {
    get: <T>(key: string, otherwise: T) => (values.get(key) as T | undefined) ?? otherwise,
    update: (key, value) => {
      values.set(key, value);
      return Promise.resolve();
    },
  };
}

const cases: { name: string; pause: (pauses: Pauses) => Promise<void>; expected: (Pause | undefined)[] }[] = [
  { name: "nothing", pause: () => Promise.resolve(), expected: [undefined, undefined, undefined] },
  { name: "a file", pause: (pauses) => pauses.pauseFile(PYTHON.uri), expected: ["file", undefined, undefined] },
  {
    name: "a language",
    pause: (pauses) => pauses.pauseLanguage("python"),
    expected: ["language", "language", undefined],
  },
  {
    name: "the workspace",
    pause: (pauses) => pauses.pauseWorkspace(),
    expected: ["workspace", "workspace", "workspace"],
  },
];

for (const { name, pause, expected } of cases) {
  test(`pauses: ${name}`, async () => {
    const pauses = new Pauses(memory(), memory());
    await pause(pauses);
    assert.deepEqual(
      [PYTHON, OTHER, TEXT].map((place) => pauses.of(place)),
      expected,
    );
  });
}

test("pauses: the narrowest one is named", async () => {
  const pauses = new Pauses(memory(), memory());
  await pauses.pauseWorkspace();
  await pauses.pauseLanguage("python");
  assert.equal(pauses.of(PYTHON), "language");
  await pauses.pauseFile(PYTHON.uri);
  assert.equal(pauses.of(PYTHON), "file");
});

test("pauses: resuming lifts all that hold a place, and no others", async () => {
  const pauses = new Pauses(memory(), memory());
  await pauses.pauseFile(PYTHON.uri);
  await pauses.pauseFile(OTHER.uri);
  await pauses.pauseLanguage("python");
  await pauses.pauseLanguage("plaintext");
  await pauses.pauseWorkspace();
  await pauses.resume(PYTHON);
  assert.deepEqual(
    [PYTHON, OTHER, TEXT].map((place) => pauses.of(place)),
    [undefined, "file", "language"],
  );
});

test("pauses: without a document only the workspace counts", async () => {
  const pauses = new Pauses(memory(), memory());
  await pauses.pauseFile(PYTHON.uri);
  assert.equal(pauses.of(undefined), undefined);
  await pauses.pauseWorkspace();
  assert.equal(pauses.of(undefined), "workspace");
  await pauses.resume(undefined);
  assert.equal(pauses.of(undefined), undefined);
  assert.equal(pauses.of(PYTHON), "file");
});

test("pauses: languages are paused in every workspace, files in one", async () => {
  const everywhere = memory();
  const pauses = new Pauses(everywhere, memory());
  await pauses.pauseFile(TEXT.uri);
  await pauses.pauseLanguage("python");
  const elsewhere = new Pauses(everywhere, memory());
  assert.deepEqual(
    [PYTHON, TEXT].map((place) => elsewhere.of(place)),
    ["language", undefined],
  );
});

test("pauses: the cells of a notebook are one file", async () => {
  const pauses = new Pauses(memory(), memory());
  await pauses.pauseFile("vscode-notebook-cell:/w/n.ipynb#W0sZmlsZQ");
  assert.equal(pauses.of({ uri: "vscode-notebook-cell:/w/n.ipynb#W1sZmlsZQ", language: "python" }), "file");
  assert.equal(pauses.of({ uri: "vscode-notebook-cell:/w/o.ipynb#W0sZmlsZQ", language: "python" }), undefined);
});

test("pauses: a file that is forgotten is not paused", async () => {
  const pauses = new Pauses(memory(), memory());
  await pauses.pauseFile("untitled:Untitled-1");
  await pauses.forgetFile("untitled:Untitled-1");
  assert.equal(pauses.of({ uri: "untitled:Untitled-1", language: "python" }), undefined);
});
