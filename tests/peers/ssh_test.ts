/** OpenSSH with ProxyUseFdpass: its connection is a descriptor that this module passes. No network is used. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { assert, commandFor, stdioOf, test } from "../_support.ts";
import { endOf } from "./_child.ts";
import { noSshd, sshTo } from "./_sshd.ts";
import { bytes, textOf } from "./_text.ts";

test("ssh with ProxyUseFdpass talks to sshd over a pair, one end of which came as a descriptor", async () => {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  const [ours, theirs] = socketpair();
  const [program, args] = commandFor("tests/peers/fdpass.ts");
  const to = sshTo(folder, (server) => [program, ...args, server], { ProxyUseFdpass: "yes" });
  const command = [...to, "tr a-z A-Z; exit 7"];
  const env = { ...process.env, NODE_NO_WARNINGS: "1" };
  const ended = endOf(spawn("ssh", command, { stdio: stdioOf({ 0: theirs, 1: theirs }), env }));
  const writer = ours.writable.getWriter();
  const lines = "through ssh and back\n".repeat(10_000);
  const writing = writer.write(bytes(lines)).then(() => writer.close());
  assert.equal(await textOf(ours.readable), lines.toUpperCase());
  await writing;
  assert.equal(await ended, 7);
  rmSync(folder, { recursive: true });
}, { skip: noSshd });
