/** Programs find what they expect: no O_NONBLOCK on their sockets, and a bash that knows that it is no remote shell. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after } from "node:test";
import { SocketEnd, socketpair as pairOf } from "../../mod.ts";
import { AF_UNIX, SOCK_NONBLOCK, SOCK_STREAM, socketpair } from "../../ffi/mod.ts";
import { spawn } from "../../process/mod.ts";
import { assert, runtime, test } from "../_support.ts";
import { missing } from "../peers/_child.ts";
import { ask, textOf } from "../peers/_text.ts";
import { bare, printedBy } from "./_programs.ts";

const home = mkdtempSync(join(tmpdir(), "socketpair-"));
after(() => rmSync(home, { recursive: true }));
writeFileSync(join(home, ".bashrc"), "echo from .bashrc\n");
const bash = { skip: missing("bash") };

for (const [level, printed] of [[undefined, 2], ["", 2], ["0", 2], ["-1", 2], ["x", 2], ["1", 2], ["4", 5]] as const) {
  test(`spawn() of bash where SHLVL is ${JSON.stringify(level)}: it does not read ~/.bashrc`, async () => {
    const [ours, theirs] = pairOf();
    spawn("bash", ["-c", 'cat; echo "$SHLVL"'], {
      stdio: [theirs, theirs, "inherit"],
      env: bare({ HOME: home, SHLVL: level }),
    });
    assert.equal(await ask(ours, "input\n"), `input\n${printed}\n`);
  }, bash);
}

test("bash behind a socket does read ~/.bashrc where SHLVL is missing: spawn() is why it does not", async () => {
  const [ours, theirs] = pairOf();
  spawn("env", ["-u", "SHLVL", "bash", "-c", "cat"], {
    stdio: [theirs, theirs, "inherit"],
    env: bare({ HOME: home }),
  });
  assert.equal(await ask(ours, "input\n"), "from .bashrc\ninput\n");
}, bash);

for (const slot of [0, 3, 6]) {
  test(`spawn() takes O_NONBLOCK off a socket that came with it: descriptor ${slot}`, async () => {
    const [mine, other] = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    await using ours = SocketEnd.from(mine);
    const stdio: ("ignore" | "inherit" | SocketEnd)[] = ["ignore", "ignore", "inherit"];
    stdio[slot] = SocketEnd.from(other);
    spawn("sh", ["-c", `sed -n 's/^flags:.*\\(.\\)...$/\\1/p' /proc/self/fdinfo/${slot} >&${slot}`], { stdio });
    // The digit of O_NONBLOCK, which is 04000.
    assert.equal(parseInt((await textOf(ours.readable)).trim(), 8) & 4, 0);
  });
}

test("spawn() leaves O_NONBLOCK to a socket that others use too", async () => {
  const [mine, other] = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  await using ours = SocketEnd.from(mine);
  const theirs = SocketEnd.from(other, { shared: true });
  const script = "sed -n 's/^flags:.*\\(.\\)...$/\\1/p' /proc/self/fdinfo/3";
  const child = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit", theirs] });
  assert.equal(Number(await printedBy(child)) & 4, 4);
  assert.equal((await ours.readable.getReader().read()).done, true);
}, { skip: runtime === "deno" && "Deno takes O_NONBLOCK off whatever it gives to a program" });

test("spawn() gives a program the variables that come by the prototype of its environment, too", async () => {
  const env = Object.assign(Object.create({ INHERITED: "by prototype", HIDDEN: "no" }), {
    HIDDEN: "own",
    PATH: process.env["PATH"],
  });
  const child = spawn("sh", ["-c", 'echo "$INHERITED, $HIDDEN"'], { stdio: ["ignore", "pipe", "inherit"], env });
  assert.equal(await printedBy(child), "by prototype, own\n");
});
