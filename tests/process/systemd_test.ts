/** systemd starts a program for each connection, and the program finds it with inherited(). */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, commandFor, test } from "../_support.ts";
import { endOf, listens, missing, PASSED_ON } from "../peers/_child.ts";
import "./_programs.ts";

/** What a service answers to a client that says this, and no more. */
function answer(path: string, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = connect({ path, allowHalfOpen: true }, () => void client.end(question));
    let answered = "";
    client.setEncoding("utf8").on("data", (part: string) => answered += part);
    client.on("error", reject);
    client.on("end", () => resolve(answered));
  });
}

test("inherited() takes the connection that systemd-socket-activate --accept has accepted", async () => {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  const path = join(folder, "socket");
  const [program, args] = commandFor("tests/process/activated.ts");
  const options = ["--accept", "--fdname=connection", ...PASSED_ON, "-E", "NODE_NO_WARNINGS=1", "-l", path];
  const activator = spawn("systemd-socket-activate", [...options, program, ...args], { stdio: "ignore" });
  const ended = endOf(activator);
  await listens(path);
  for (const question of ["first", "second"]) assert.equal(await answer(path, question), question.toUpperCase());
  activator.kill("SIGKILL");
  assert.equal(await ended, "SIGKILL");
  rmSync(folder, { recursive: true });
}, { skip: missing("systemd-socket-activate") });
