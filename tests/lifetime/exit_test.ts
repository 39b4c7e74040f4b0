/** What holds a process open and what does not: every test looks at a process of its own. */

import { assert, test, TYPES } from "../_support.ts";
import { endsWell, handOver, start, staysAlive } from "../children/_start.ts";

test("socketpair() idle ends keep no process alive", async () => {
  await Promise.all(TYPES.map((type) => endsWell(start("lifetime.ts", ["idle", type]))));
});

test("read() an end that has a record unread and is asked no more keeps no process alive", async () => {
  const outcome = await endsWell(start("lifetime.ts", ["idle with an unread record", "seqpacket"]));
  assert.match(outcome.stdout, /^RangeError: Cannot read a record of 3 bytes/m);
});

test("readable a pending read keeps the process alive", async () => {
  await Promise.all(TYPES.map(async (type) => {
    const child = start("lifetime.ts", ["read", type]);
    await staysAlive(child);
    child.kill();
    assert.equal((await child.outcome).signal, "SIGKILL");
  }));
});

test("readable a pending read goes on and lets the process end when the other process closes", async () => {
  const [end, child] = handOver("lifetime.ts", ["read adopted"], { type: "seqpacket" });
  await staysAlive(child);
  await end.close();
  assert.match((await endsWell(child)).stdout, /read done=true/);
});

test("writable a stuck write keeps the process alive", async () => {
  await Promise.all(TYPES.map(async (type) => {
    const child = start("lifetime.ts", ["write", type]);
    await staysAlive(child);
    child.kill();
    assert.equal((await child.outcome).signal, "SIGKILL");
  }));
});

test("writable a stuck write fails and lets the process end when the other process closes", async () => {
  const [end, child] = handOver("lifetime.ts", ["write adopted"], { type: "stream" });
  await staysAlive(child);
  end[Symbol.dispose]();
  assert.match((await endsWell(child)).stdout, /EPIPE|ECONNRESET/);
});

for (
  const [situation, printed] of [
    ["read, cancelled", "read done=true"],
    ["read, closed", "read done=true"],
    ["read, detached", "read failed"],
    ["write, aborted", "write failed: "],
  ] as const
) {
  test(`SocketEnd the process ends by itself after: ${situation}`, async () => {
    const outcome = await endsWell(start("lifetime.ts", [situation]));
    assert.match(outcome.stdout, new RegExp(`^waiting$[^]*^${printed}$`, "m"));
  });
}

for (const situation of ["unref, and data at the end", "closed on exit"]) {
  test(`process ends in order while a read is pending: ${situation}`, async () => {
    assert.equal((await endsWell(start("lifetime.ts", [situation]))).stdout, "waiting\n");
  });
}

test("process.exit() ends in order right after an end was closed", async () => {
  const outcome = await start("lifetime.ts", ["closed, then exit"]).outcome;
  assert.deepEqual([outcome.code, outcome.signal], [7, null]);
});

test("process.exit() ends at once with a read and a write pending", async () => {
  const outcome = await start("lifetime.ts", ["exit"]).outcome;
  assert.deepEqual([outcome.code, outcome.signal, outcome.stdout], [7, null, "waiting\n"]);
});

test("throw an uncaught error ends at once with a read and a write pending", async () => {
  const outcome = await start("lifetime.ts", ["throw"]).outcome;
  assert.deepEqual([outcome.code, outcome.signal, outcome.stdout], [1, null, "waiting\n"]);
  assert.match(outcome.stderr, /thrown on purpose/);
});
