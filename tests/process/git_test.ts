/** git fetches from git by a socket pair: `fd::` of git-remote-fd takes a socket that works both ways. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { assert, test } from "../_support.ts";
import { endOf, missing } from "../peers/_child.ts";
import "./_programs.ts";

/** Runs git to its end, and gives what it prints. */
function git(cwd: string, ...args: string[]): string {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "init.defaultBranch=main"];
  const { status, stdout, stderr } = spawnSync("git", [...identity, ...args], { cwd, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

test("git fetch by fd:: gets what git upload-pack sends", async () => {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  const [from, to] = [join(folder, "from"), join(folder, "to")];
  for (const repository of [from, to]) git(folder, "init", "--quiet", repository);
  // More than the sockets' buffers hold, and not to be compressed.
  writeFileSync(join(from, "file"), crypto.getRandomValues(new Uint8Array(65_536)));
  for (let number = 0; number < 20; number += 1) {
    writeFileSync(join(from, `${number}`), crypto.getRandomValues(new Uint8Array(50_000)));
  }
  git(from, "add", ".");
  git(from, "commit", "--quiet", "--message", "all");
  const [server, client] = socketpair();
  const serving = endOf(spawn("git", ["upload-pack", from], { stdio: [server, server, "inherit"] }));
  const fetching = endOf(spawn("git", ["fetch", "--quiet", "fd::3", "main"], {
    cwd: to,
    stdio: ["ignore", "inherit", "inherit", client],
    env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
  }));
  assert.deepEqual([await fetching, await serving], [0, 0]);
  assert.equal(git(to, "rev-parse", "FETCH_HEAD"), git(from, "rev-parse", "main"));
  git(to, "fsck", "--full");
  rmSync(folder, { recursive: true });
}, { skip: missing("git") });
