import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { findServer, programIn, resolveProgram, type Sources } from "../src/find";
import { folderFor, program } from "./folder";

const MIDFILL = process.platform === "win32" ? "midfill.exe" : "midfill";

/** Returns sources all of which have a server; the names of their folders say which is which. */
function everywhere(folder: string): Sources & { files: Record<string, string> } {
  const files = {
    configured: program(join(folder, "configured", "server")),
    interpreter: program(join(folder, "environment", MIDFILL)),
    path: program(join(folder, "path", MIDFILL)),
    private: program(programIn(join(folder, "private"), "midfill")),
  };
  return {
    files,
    configured: [files.configured, "--loud"],
    interpreter: () => Promise.resolve(join(folder, "environment", "python")),
    path: join(folder, "path"),
    privateEnvironment: () => join(folder, "private"),
  };
}

const nowhere: Sources = {
  configured: [],
  interpreter: () => Promise.resolve(undefined),
  path: "",
  privateEnvironment: () => undefined,
};

test("find: the setting goes before all others, with its arguments", async (context) => {
  const { files, ...sources } = everywhere(folderFor(context));
  assert.deepEqual((await findServer(sources))?.command, [files.configured, "--loud"]);
});

test("find: then comes the environment of the interpreter", async (context) => {
  const { files, ...sources } = everywhere(folderFor(context));
  assert.deepEqual((await findServer({ ...sources, configured: [] }))?.command, [files.interpreter, "serve"]);
});

test("find: then PATH", async (context) => {
  const { files, ...sources } = everywhere(folderFor(context));
  const { interpreter } = nowhere;
  assert.deepEqual((await findServer({ ...sources, configured: [], interpreter }))?.command, [files.path, "serve"]);
});

test("find: then the private environment", async (context) => {
  const { privateEnvironment, files } = everywhere(folderFor(context));
  assert.deepEqual((await findServer({ ...nowhere, privateEnvironment }))?.command, [files.private, "serve"]);
});

test("find: and else there is none", async () => {
  assert.equal(await findServer(nowhere), undefined);
});

test("find: what is not there is passed over", async (context) => {
  const folder = folderFor(context);
  const { files, privateEnvironment } = everywhere(folder);
  const sources: Sources = {
    configured: [join(folder, "nothing")],
    interpreter: () => Promise.resolve(join(folder, "nothing", "python")),
    path: join(folder, "nothing"),
    privateEnvironment,
  };
  assert.deepEqual((await findServer(sources))?.command, [files.private, "serve"]);
});

test("find: the interpreter is not asked where the setting names a server", async (context) => {
  const { files, ...sources } = everywhere(folderFor(context));
  const interpreter = (): Promise<undefined> => Promise.reject(new Error("asked"));
  assert.deepEqual((await findServer({ ...sources, interpreter }))?.command[0], files.configured);
});

test("find: conda's programs on Windows lie in Scripts", async (context) => {
  const folder = folderFor(context);
  const file = program(join(folder, "Scripts", MIDFILL));
  const interpreter = (): Promise<string> => Promise.resolve(join(folder, "python"));
  assert.deepEqual((await findServer({ ...nowhere, interpreter }))?.command, [file, "serve"]);
});

test("find: a program of a bare name is looked for in PATH's folders, the first one first", (context) => {
  const folder = folderFor(context);
  const first = program(join(folder, "a", MIDFILL));
  program(join(folder, "b", MIDFILL));
  const path = [join(folder, "empty"), join(folder, "a"), join(folder, "b")].join(delimiter);
  assert.equal(resolveProgram("midfill", path), first);
  assert.equal(resolveProgram("something-else", path), undefined);
});

test("find: folders of PATH that depend on where one is are passed over", () => {
  assert.equal(resolveProgram("package.json", ["", "."].join(delimiter)), undefined);
});

test("find: ~ is the home folder", (context) => {
  const before = process.env.HOME;
  const folder = folderFor(context);
  context.after(() => {
    process.env.HOME = before;
  });
  process.env.HOME = process.env.USERPROFILE = folder;
  assert.equal(homedir(), folder);
  const file = program(join(folder, "bin", "server"));
  assert.equal(resolveProgram("~/bin/server", ""), file);
});

test("find: a folder and a file that is no program are none", { skip: process.platform === "win32" }, (context) => {
  const folder = folderFor(context);
  writeFileSync(join(folder, "text"), "");
  assert.equal(resolveProgram(join(folder, "text"), ""), undefined);
  assert.equal(resolveProgram(folder, ""), undefined);
});
