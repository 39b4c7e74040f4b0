/** OpenSSH with ProxyUseFdpass: its connection is a descriptor that this module passes. No network is used. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { assert, commandFor, stdioOf, test } from "../_support.ts";
import { endOf, missing } from "./_child.ts";
import { bytes, textOf } from "./_text.ts";

// Whether another user may log in here depends on his shell and his password.
const notRoot = process.getuid!() !== 0 && "sshd can be sure of root only";
// Where sshd, as root, separates its privileges.
const noFolder = !existsSync("/run/sshd") && "/run/sshd does not exist";
const skip = missing("ssh", "ssh-keygen", "/usr/sbin/sshd") || notRoot || noFolder;

/** Makes keys for both sides and what sshd has to know. Gives what ssh has to know. */
function configure(folder: string): string[] {
  for (const name of ["host", "user"]) {
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
  }
  const server = join(folder, "sshd_config");
  writeFileSync(
    server,
    [
      `HostKey ${join(folder, "host")}`,
      `AuthorizedKeysFile ${join(folder, "user.pub")}`,
      "PasswordAuthentication no",
      "PidFile none",
      "StrictModes no",
      "UsePAM no",
      "LogLevel ERROR",
      "",
    ].join("\n"),
  );
  const [program, args] = commandFor("tests/peers/fdpass.ts");
  const options = {
    ProxyCommand: [program, ...args, server].map((word) => `'${word}'`).join(" "),
    ProxyUseFdpass: "yes",
    IdentityFile: join(folder, "user"),
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    BatchMode: "yes",
    StrictHostKeyChecking: "no",
    UserKnownHostsFile: "/dev/null",
    LogLevel: "ERROR",
  };
  return ["-F", "none", ...Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`])];
}

test("ssh with ProxyUseFdpass talks to sshd over a pair, one end of which came as a descriptor", async () => {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  const [ours, theirs] = socketpair();
  const user = spawnSync("id", ["-un"], { encoding: "utf8" }).stdout.trim();
  const command = [...configure(folder), `${user}@nowhere.invalid`, "tr a-z A-Z; exit 7"];
  const env = { ...process.env, NODE_NO_WARNINGS: "1" };
  const ended = endOf(spawn("ssh", command, { stdio: stdioOf({ 0: theirs, 1: theirs }), env }));
  const writer = ours.writable.getWriter();
  const lines = "through ssh and back\n".repeat(10_000);
  const writing = writer.write(bytes(lines)).then(() => writer.close());
  assert.equal(await textOf(ours.readable), lines.toUpperCase());
  await writing;
  assert.equal(await ended, 7);
  rmSync(folder, { recursive: true });
}, { skip });
