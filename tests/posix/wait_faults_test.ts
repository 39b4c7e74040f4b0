import { SocketEnd } from "../../mod.ts";
import { AF_UNIX, close, SOCK_SEQPACKET, socketpair, write } from "../../ffi/mod.ts";
import { replaceLibc } from "../../ffi/hooks.ts";
import { libc } from "../../ffi/libc.ts";
import type { Libc } from "../../ffi/runtimes/contract.ts";
import { OffThreadWaiter } from "../../ffi/runtimes/_off_thread_waiter.ts";
import { assert, runtime, test } from "../_support.ts";

/** Lets one system call fail with ENOMEM while `body` runs, for the first `times` times. */
async function withFailing(name: keyof Libc["calls"], times: number, body: () => Promise<void>): Promise<void> {
  const real = libc();
  const failing = () => {
    errno = 12;
    return -1;
  };
  let errno = 0;
  let left = times;
  const call = real.calls[name] as (...values: number[]) => number;
  const calls = { ...real.calls, [name]: (...values: number[]) => left-- > 0 ? failing() : call(...values) };
  const fake = new Proxy(real, {
    get(target, key) {
      if (key === "calls") return calls;
      if (key === "errno") return () => errno === 0 ? target.errno() : [errno, errno = 0][0];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  replaceLibc(fake);
  try {
    await body();
  } finally {
    replaceLibc(real);
  }
}

/** A read that only the kernel can wake: no end here has the peer. */
async function readWaits(): Promise<void> {
  const [near, far] = socketpair(AF_UNIX, SOCK_SEQPACKET, 0);
  await using end = SocketEnd.from(near);
  setTimeout(() => write(far, new Uint8Array(3)), 10);
  assert.equal((await end.readable.getReader().read()).value?.length, 3);
  close(far);
}

async function readFails(call: string): Promise<void> {
  const [near, far] = socketpair(AF_UNIX, SOCK_SEQPACKET, 0);
  using end = SocketEnd.from(near);
  await assert.rejects(end.readable.getReader().read(), { name: "SocketError", code: "ENOMEM", syscall: call });
  await assert.rejects(end.closed, { code: "ENOMEM" });
  close(far);
}

// The thread that waits in Bun keeps descriptors of its own from its first time on.
test("a read that must wait is woken by the kernel", readWaits, { census: runtime !== "bun" });

for (const call of ["epoll_create1", "epoll_ctl"] as const) {
  test(`a read that must wait fails when ${call}() does, and leaves nothing open`, async () => {
    await withFailing(call, 1, () => readFails(call));
  });

  test(`a read that must wait works after another one failed because of ${call}()`, async () => {
    await withFailing(call, 1, async () => {
      await readFails(call);
      await readWaits();
    });
  });
}

test("a wait whose poll fails again and again looks for itself", () => {
  const polls: (() => void)[] = [];
  let looked = 0;
  const look = () => {
    looked += 1;
    waiter.arm(true);
  };
  const waiter = new OffThreadWaiter(libc(), 0, look, {
    poll: (_address, _count, returned) => void polls.push(returned),
    hold() {},
  });
  waiter.arm(true);
  // What poll(2) found is nothing: as it leaves things when it fails.
  for (let time = 1; time <= 3; time += 1) {
    polls.shift()!();
    assert.equal(looked, time);
  }
  waiter.close(() => looked = -1);
  polls.shift()!();
  assert.deepEqual([looked, polls.length], [-1, 0]);
});
