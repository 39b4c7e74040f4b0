import { noInjection, runInjected } from "../stress/faults/_strace.ts";
import { assert, musl, runtime, test } from "../_support.ts";

// After the runtime's own calls at its start, and over before the script is: from the 1,000th to the 1,399th call.
const EVERY_SECOND = "error=EINTR:when=1000..1399+2";
const TEN_AT_ONCE = "error=EINTR:when=1200..1209";

const RAW: [first: string, second: string][] = [
  ["read", "write"],
  ["sendmsg", "recvmsg"],
  ["getsockopt", "setsockopt"],
  ["socketpair", "shutdown"],
];

for (const [first, second] of RAW) {
  for (const [how, fault, times] of [["", EVERY_SECOND, 200], [" ten times in a row", TEN_AT_ONCE, 10]] as const) {
    test(`${first}() and ${second}() go on when a signal interrupts them${how}`, async () => {
      const calls = `${first},${second}`;
      const { code, stdout, stderr, injected } = await runInjected(calls, fault, "interrupted.ts", [calls]);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "done\n" }, stderr);
      for (const call of [first, second]) {
        // A call that another thread's has cut in two is told as resumed.
        const lines = injected.filter((line) => line.includes(` ${call}(`) || line.includes(` ${call} resumed>`));
        assert.equal(lines.length, times, `interrupted ${call}()`);
      }
    }, { skip: noInjection });
  }
}

test("close() that a signal interrupts fails with EINTR and is not tried again", async () => {
  const { code, stdout, stderr, injected } = await runInjected("close", EVERY_SECOND, "interrupted.ts", ["close"]);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "done\n" }, stderr);
  assert.equal(injected.length, 200);
}, { skip: noInjection || (musl && "musl's close() says that it succeeded") });

test("readable and writable go on when signals interrupt their system calls", async () => {
  const fault = "error=EINTR:when=300..699+2";
  const { code, stdout, stderr, injected } = await runInjected("sendmsg,recvmsg", fault, "interrupted.ts", ["stream"]);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "done\n" }, stderr);
  assert.equal(injected.length, 400);
}, { skip: noInjection });

test("a read that waits goes on when signals interrupt the wait", async () => {
  const { code, stdout, stderr, injected } = await runInjected("poll", "error=EINTR:when=1..3", "interrupted.ts", [
    "wait",
  ]);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "done\n" }, stderr);
  assert.ok(injected.some((line) => line.includes("fd=")), "no wait was interrupted");
}, { skip: noInjection || (runtime === "node" && "Node waits in its own loop") });
