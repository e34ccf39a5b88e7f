import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { programIn } from "../src/find";
import { install, type Installation, InstallError, installedEnvironment, removeOthers, stepOf } from "../src/install";
import { folderFor, program } from "./folder";

// The programs that stand in for Python are shell scripts.
const onUnix = { skip: process.platform === "win32" };
const never = new AbortController().signal;

/** The script of an interpreter: says its age, and makes environments with an interpreter that runs `pip`. */
function interpreter(pip: string, isNewEnough = true): string {
  const venv = `mkdir -p "$4/bin"; printf '#!/bin/sh\\n%s\\n' '${pip}' > "$4/bin/python"; chmod +x "$4/bin/python"`;
  return `case "$2" in -c) exit ${isNewEnough ? "0" : "1"};; -m) ${venv};; esac`;
}

interface Scene {
  readonly installation: Installation;
  readonly steps: string[];
  readonly lines: string[];
}

function scene(context: TestContext, script: string): Scene {
  const folder = folderFor(context);
  program(join(folder, "bin", "python3"), script);
  const steps: string[] = [];
  const lines: string[] = [];
  const installation: Installation = {
    root: join(folder, "server"),
    version: "0.2.0",
    requirement: "midfill==0.2.0",
    interpreters: [],
    path: join(folder, "bin"),
    onStep: (step) => steps.push(step),
    onLine: (line) => lines.push(line),
  };
  return { installation, steps, lines };
}

/** Makes an environment that is complete, without programs. */
function made(root: string, version: string): void {
  mkdirSync(join(root, version), { recursive: true });
  writeFileSync(join(root, version, "complete"), "");
}

test("install: pip is asked for what is required, and the environment counts then", onUnix, async (context) => {
  const { installation, steps, lines } = scene(context, interpreter('echo "Collecting attrs>=24"; echo "args: $*"'));
  await install(installation, never);
  const folder = join(installation.root, "0.2.0");
  assert.deepEqual(installedEnvironment(installation.root, "0.2.0"), { folder, version: "0.2.0" });
  assert.ok(lines.some((line) => line.startsWith("args: -I -m pip") && line.endsWith("install midfill==0.2.0")));
  assert.deepEqual(steps, [
    "looking for Python",
    "making a virtual environment",
    "fetching midfill==0.2.0",
    "fetching attrs",
  ]);
});

test("install: nothing is left of one that fails, and the log has the reason", onUnix, async (context) => {
  const { installation, lines } = scene(context, interpreter('echo "No space left" >&2; exit 1'));
  await assert.rejects(install(installation, never), InstallError);
  assert.deepEqual(readdirSync(installation.root), []);
  assert.ok(lines.includes("No space left"));
});

test("install: nothing is left of one that is cancelled", { ...onUnix, timeout: 60_000 }, async (context) => {
  const cancelled = new AbortController();
  // The installation ends when all that write to its output have ended, the program in the background too.
  const { installation } = scene(context, interpreter('sleep 600 & echo "Building"; wait'));
  const onLine = (line: string): void => {
    if (line === "Building") {
      cancelled.abort();
    }
  };
  await assert.rejects(install({ ...installation, onLine }, cancelled.signal), { name: "AbortError" });
  assert.deepEqual(readdirSync(installation.root), []);
});

test("install: an older environment stays when the new one fails", onUnix, async (context) => {
  const { installation } = scene(context, interpreter("exit 1"));
  made(installation.root, "0.1.0");
  await assert.rejects(install(installation, never), InstallError);
  assert.equal(installedEnvironment(installation.root, "0.2.0")?.version, "0.1.0");
});

test("install: a Python that is too old is passed over", onUnix, async (context) => {
  const { installation } = scene(context, interpreter("exit 0"));
  const old = program(join(installation.root, "..", "old", "python"), interpreter("exit 0", false));
  await install({ ...installation, interpreters: [old] }, never);
  assert.equal(installedEnvironment(installation.root, "0.2.0")?.version, "0.2.0");
});

const refusals: { name: string; script: string; sentence: RegExp }[] = [
  { name: "no Python that is new enough", script: interpreter("", false), sentence: /needs Python 3\.10 or later/ },
  {
    name: "Python without ensurepip",
    script: 'case "$2" in -c) exit 0;; *) echo "ensurepip is not available"; exit 1;; esac',
    sentence: /install python3-venv/,
  },
  { name: "pip fails", script: interpreter("exit 1"), sentence: /the log says why/ },
];

for (const { name, script, sentence } of refusals) {
  test(`install: the user hears what to do: ${name}`, onUnix, async (context) => {
    const { installation } = scene(context, script);
    await assert.rejects(install(installation, never), { name: "InstallError", message: sentence });
  });
}

test("install: two windows do not install at the same time", onUnix, async (context) => {
  const { installation } = scene(context, interpreter("exit 0"));
  mkdirSync(installation.root, { recursive: true });
  const lock = join(installation.root, "installing");
  writeFileSync(lock, String(process.ppid));
  await assert.rejects(install(installation, never), { message: /^Another window/ });
  assert.equal(readFileSync(lock, "utf8"), String(process.ppid));
});

test("install: the lock of a window that has died is no hindrance", onUnix, async (context) => {
  const { installation } = scene(context, interpreter("exit 0"));
  mkdirSync(installation.root, { recursive: true });
  // No system gives a process this number.
  writeFileSync(join(installation.root, "installing"), String(2 ** 31 - 2));
  await install(installation, never);
  assert.ok(!existsSync(join(installation.root, "installing")));
});

test("install: an environment without the mark does not count", (context) => {
  const root = folderFor(context);
  program(programIn(join(root, "0.2.0"), "midfill"));
  assert.equal(installedEnvironment(root, "0.2.0"), undefined);
  assert.equal(installedEnvironment(join(root, "nothing"), "0.2.0"), undefined);
});

test("install: one of the right version goes before others", (context) => {
  const root = folderFor(context);
  made(root, "0.1.0");
  assert.equal(installedEnvironment(root, "0.2.0")?.version, "0.1.0");
  made(root, "0.2.0");
  made(root, "0.3.0");
  assert.equal(installedEnvironment(root, "0.2.0")?.version, "0.2.0");
});

test("install: other versions are removed", async (context) => {
  const root = folderFor(context);
  made(root, "0.1.0");
  made(root, "0.2.0");
  await removeOthers(root, "0.2.0");
  assert.deepEqual(readdirSync(root), ["0.2.0"]);
});

const steps: [line: string, step: string | undefined][] = [
  ["Collecting llama-cpp-python>=0.3.36 (from midfill==0.2.0)", "fetching llama-cpp-python"],
  [
    "  Building wheel for llama-cpp-python (pyproject.toml): started",
    "building llama-cpp-python, which can take minutes",
  ],
  ["  Building wheel for llama-cpp-python (pyproject.toml): still running...", undefined],
  ["Installing collected packages: attrs, midfill", "putting the packages in place"],
  ["  Using cached attrs-25.4.0-py3-none-any.whl (67 kB)", undefined],
];

for (const [line, step] of steps) {
  test(`install: "${line.trim()}" is ${step === undefined ? "no step" : `"${step}"`}`, () => {
    assert.equal(stepOf(line), step);
  });
}
