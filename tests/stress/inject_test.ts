/**
 * What happens when the kernel refuses a call in the midst of work, in a process of its own under strace(1).
 * `SOCKETPAIR_FULL=1` tries every fault in every place: some minutes a runtime.
 */

import { noInjection } from "./faults/_strace.ts";
import { type Effect, type Fault, FAULTS, otherName, SAMPLE } from "./inject/faults.ts";
import { CALLS, carryTraced, carryWith, type Injection } from "./inject/strace.ts";
import { complaints } from "./inject/verdict.ts";
import { assert, full, musl, onTwo, runtime, test } from "../_support.ts";

const skip = noInjection || otherName("");

const OUTCOMES: Record<Effect, string> = {
  nothing: "goes on, and nothing is lost",
  failure: "is told to those who needed it, and leaves nothing open",
  either: "is told to those who needed it unless it has come meanwhile, and leaves nothing open",
  missing: "loses what it claims, and nothing else",
  extra: "adds what it claims, and nothing else",
  left: "leaves that descriptor, and nothing else",
};

const named = (injection: Injection): Fault =>
  FAULTS.find(({ call, what, kinds }) =>
    call === injection.call && what === injection.what && kinds.includes(injection.kind)
  )!;

for (const [index, injection] of SAMPLE.entries()) {
  const { call, what, when, kind, how } = injection;
  const fault = named(injection);
  test(`${call}() with ${what} (${when}) on ${kind} (${how}) ${OUTCOMES[fault.effect]}`, async () => {
    const outcome = await carryWith(injection, fault.elsewhere);
    assert.deepEqual(complaints(fault, injection, outcome), [], JSON.stringify(outcome));
    assert.ok(outcome.hits.length > 0, "no call was made to fail");
  }, { skip: noInjection || otherName(call) || onTwo(index) });
}

test("a wait that libuv cannot begin is told to those who wait, and does not end the process", async () => {
  const injection = { call: "epoll_ctl", what: "error=ENOMEM", kind: "seqpacket", how: "kernel", when: "1" } as const;
  let outcome = await carryWith(injection, false);
  // On a busy machine the peer may have answered each time before a wait began.
  for (let tries = 1; tries < 5 && outcome.hits.length === 0; tries += 1) outcome = await carryWith(injection, false);
  assert.deepEqual(complaints(named(injection), injection, outcome), []);
  assert.match(outcome.hits.join(), /EPOLL_CTL_ADD, \d+<anon_inode:\[eventpoll\]>/);
}, { skip: skip || (runtime !== "node" && "only Node's main thread waits in libuv") });

// The bell is an eventfd(2), whose counter of 64 bits never runs over; the modes are those that libuv sets.
const NEVER_REFUSED = [
  "read",
  "write",
  ...(runtime === "node" ? ["ioctl", "fcntl"] : []),
  ...(musl ? ["epoll_pwait"] : []),
];

test("carrying makes no system call that is not made to fail here", async () => {
  const { during } = await carryTraced("seqpacket", "kernel", "%desc,%network");
  const ours = new Set<string>();
  const made = new Set<string>();
  for (const line of during) {
    const [, call, rest] = /^\d+ (\w+)(.*)$/.exec(line) ?? [];
    const [first, ...others] = [...rest!.matchAll(/(\d+)<(socket|anon_inode):/g)].map(([, fd]) => fd!);
    if (/^(socketpair|epoll_create1|eventfd2)$/.test(call!)) {
      for (const fd of [first!, ...others]) ours.add(fd);
      made.add(call!);
    } else if (first !== undefined && ours.has(first)) made.add(call!);
  }
  const known: readonly string[] = [...CALLS, ...NEVER_REFUSED];
  assert.deepEqual([...made].filter((call) => !known.includes(call)), []);
  assert.ok(made.has("sendmsg") && (musl || made.has("epoll_wait")), [...made].join(", "));
}, { skip });

if (full) {
  const attempt = async (fault: Fault, injection: Injection): Promise<string[]> => {
    const where = `${injection.kind} ${injection.how} ${injection.when}`;
    let wrong: string[];
    try {
      const outcome = await carryWith(injection, fault.elsewhere);
      wrong = complaints(fault, injection, outcome).map((complaint) => `${where}: ${complaint}`);
      if (wrong.length > 0) wrong.push(JSON.stringify(outcome));
    } catch (error) {
      wrong = [`${where}: ${String(error)}`];
    }
    return wrong;
  };

  for (const fault of FAULTS) {
    const { call, what, kinds, hows, whens } = fault;
    test(`${call}() with ${what} everywhere ${OUTCOMES[fault.effect]}`, async () => {
      const places = kinds.flatMap((kind) =>
        hows.flatMap((how) => whens.map((when) => ({ kind, how, call, what, when })))
      );
      const wrong: string[] = [];
      const work = async () => {
        for (let next = places.shift(); next !== undefined; next = places.shift()) {
          wrong.push(...await attempt(fault, next));
        }
      };
      await Promise.all([work(), work()]);
      assert.equal(wrong.join("\n"), "");
    }, { skip: noInjection || otherName(call), timeout: 300_000 });
  }
}
