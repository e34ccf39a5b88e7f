/** A folder for one test, and programs in it. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

/** Returns a new folder that is removed after the test. */
export function folderFor(context: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "midfill-")));
  context.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Writes a program that a shell runs, and returns its path. */
export function program(path: string, script = ""): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}
