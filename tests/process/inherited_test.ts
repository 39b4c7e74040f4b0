/** inherited() says what is missing and why, and understands what systemd says. */

import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { SocketEnd, socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { Listener } from "../../unix/mod.ts";
import { assert, commandFor, run, test } from "../_support.ts";
import { missing } from "../peers/_child.ts";
import { textOf } from "../peers/_text.ts";
import { LAUNCHER, printedBy } from "./_programs.ts";

const [PROGRAM, ARGS] = commandFor("tests/process/inheriting.ts");
const ENV = { ...process.env, NODE_NO_WARNINGS: "1" };

/** What the child prints, with these variables. */
async function asked(names: string[], variables: Record<string, string>): Promise<string[]> {
  const { code, stdout, stderr } = await run(PROGRAM, [...ARGS, ...names], { env: { ...ENV, ...variables } });
  assert.equal(code, 0, stderr);
  return stdout.trimEnd().split("\n");
}

const LOST = "and which a program in between (npx, bun run, a wrapper script) may not have passed on";

test("inherited() says which descriptor has been lost on the way, and how", async () => {
  const [answer = ""] = await asked(["-"], { SOCKETPAIR_FDS: "976" });
  assert.match(answer, /^SocketError EBADF: Cannot inherit descriptor 976, which SOCKETPAIR_FDS names /);
  assert.ok(answer.includes(`${LOST}: `), answer);
});

test("inherited() says the same where the number is something else's by now", async () => {
  const file = openSync("/dev/null", "r");
  try {
    const child = spawn("env", ["SOCKETPAIR_FDS=5", PROGRAM, ...ARGS, "-"], {
      stdio: ["ignore", "pipe", "inherit", "ignore", "ignore", file],
      env: ENV,
    });
    const answer = await printedBy(child);
    assert.match(answer, /^SocketError ENOTSOCK: Cannot inherit descriptor 5, which SOCKETPAIR_FDS names /);
    assert.ok(answer.includes(`${LOST}: `), answer);
  } finally {
    closeSync(file);
  }
});

test("inherited() says when SOCKETPAIR_FDS is no list of numbers", async () => {
  assert.deepEqual(await asked(["-"], { SOCKETPAIR_FDS: "3:x" }), [
    'TypeError : Cannot inherit an end: SOCKETPAIR_FDS is "3:x", not descriptor numbers with colons between them',
  ]);
});

/** What the child prints that the launcher starts. */
async function launched(pid: string, count: number, fdnames: string, ...names: string[]): Promise<string[]> {
  const args = ["-c", LAUNCHER, pid, `${count}`, fdnames, PROGRAM, ...ARGS, ...names];
  const { code, stdout, stderr } = await run("python3", args, { env: ENV });
  assert.equal(code, 0, stderr);
  return stdout.trimEnd().split("\n");
}

const python = { skip: missing("python3") };

test("inherited() takes the first descriptor that systemd gives", async () => {
  assert.deepEqual(await launched("own", 1, "", "-", "-"), [
    "descriptor 3, stream",
    "TypeError : Cannot inherit an end: descriptor 3 was adopted before",
  ]);
});

test("inherited() finds what systemd gives by its name", async () => {
  assert.deepEqual(await launched("own", 3, "control:data:connection", "connection", "data", "other"), [
    "descriptor 5, stream",
    "descriptor 4, stream",
    'TypeError ERR_NOT_INHERITED: Cannot inherit an end: there is none of the name "other"',
  ]);
}, python);

test("inherited() refuses a name that is none, and names an option that is not known, whatever was given", () => {
  for (const name of [{ framing: "uint32le" }, 5, null]) {
    for (const inherited of [SocketEnd.inherited, Listener.inherited]) {
      assert.throws(() => inherited(name as unknown as string), (error: TypeError & { code?: string }) => {
        assert.match(error.message, /its name is a string, not .*; the options come second/);
        return error instanceof TypeError && error.code === undefined;
      });
    }
  }
  assert.throws(() => Listener.inherited("x", { foo: 1 } as object), /no option "foo"/);
  assert.throws(() => SocketEnd.inherited("x", { foo: 1 } as object), /no option "foo"/);
});

test("inherited() says of a number that no descriptor has that it is not open, and believes no count that cannot be", async () => {
  const [large = ""] = await asked(["-"], { SOCKETPAIR_FDS: "99999999999999" });
  assert.match(large, /^SocketError EBADF: Cannot inherit descriptor 2147483647/);
  const command = ["-c", 'LISTEN_PID=$$ exec "$0" "$@"', PROGRAM, ...ARGS, "-"];
  const { stdout } = await run("sh", command, { env: { ...ENV, LISTEN_FDS: "4294967296" } });
  assert.match(stdout, /ERR_NOT_INHERITED: Cannot inherit an end: LISTEN_FDS names no descriptor/);
});

test("inherited() does not take what systemd gave to another process", async () => {
  const [answer] = await launched("1", 1, "", "-");
  assert.match(
    answer!,
    /^TypeError ERR_NOT_INHERITED: Cannot inherit an end: LISTEN_PID is 1, and this process is \d+: it was started by /,
  );
}, python);

test("inherited() says when LISTEN_FDS names no descriptor", async () => {
  const [answer] = await launched("own", 0, "", "-");
  assert.equal(answer, "TypeError ERR_NOT_INHERITED: Cannot inherit an end: LISTEN_FDS names no descriptor");
}, python);

test("inherited() prefers what spawn() says to what systemd says", async () => {
  const [ours, theirs] = socketpair({ type: "seqpacket" });
  const child = spawn(PROGRAM, [...ARGS, "-"], {
    stdio: ["ignore", "pipe", "inherit", "ignore", "ignore", theirs],
    env: { ...ENV, LISTEN_FDS: "1", LISTEN_PID: "1" },
  });
  assert.equal(await printedBy(child), "descriptor 5, seqpacket\n");
  assert.equal(await textOf(ours.readable), "");
  await ours.close();
});

test(
  "inherited() gives the descriptors of one name one after the other, as systemd names all sockets of a unit",
  async () => {
    assert.deepEqual(await launched("own", 2, "web.socket:web.socket", "web.socket", "web.socket", "web.socket"), [
      "descriptor 3, stream",
      "descriptor 4, stream",
      "TypeError : Cannot inherit an end: descriptor 4 was adopted before",
    ]);
  },
  python,
);
