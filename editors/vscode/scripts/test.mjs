// Bundles test/*.test.ts and runs them with Node's own test runner; none of them needs VS Code.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";

const outdir = join("dist", "test");
const names = readdirSync("test").filter((name) => name.endsWith(".test.ts"));
rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: names.map((name) => join("test", name)),
  outdir,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  sourcemap: "inline",
  logLevel: "warning",
});
const files = names.map((name) => join(outdir, `${basename(name, ".ts")}.js`));
const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { stdio: "inherit" });
process.exitCode = status ?? 1;
