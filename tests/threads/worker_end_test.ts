/** Workers that end by themselves. */

import { close } from "../../ffi/mod.ts";
import { assert, quarter, test } from "../_support.ts";
import { descriptors, leavesNothing, settles, warmUpWorkers } from "../children/_census.ts";
import { hire, type Hired } from "../children/_hire.ts";
import { threads } from "../children/_threads.ts";

function measure(): Record<string, number> {
  return { ...descriptors(), threads: threads() };
}

async function endsByItself(how: string): Promise<void> {
  assert.equal(await hire("worker_threads", "short.ts", how).ended, 0);
}

// A worker that a worker of Deno starts, which unref() needs, takes a second to begin: so only few of those.
for (const [how, count] of [["ref", quarter(40)], ["unref", 3]] as const) {
  test(`close() ${count} workers that end right after it leave nothing: ${how}`, async () => {
    await warmUpWorkers(5);
    // One of them first: what the module opens once a process is no leak.
    await endsByItself(how);
    const limit = measure();
    // A runtime's collector starts a thread or two of its own at some point.
    limit["threads"]! += 3;
    for (let index = 0; index < count; index += 1) await endsByItself(how);
    const kinds = Object.keys(limit);
    const after = await settles(measure, (now) => kinds.every((kind) => now[kind]! <= limit[kind]!));
    for (const kind of kinds) {
      assert.ok(after[kind]! <= limit[kind]!, `${kind}: ${after[kind]} left, at most ${limit[kind]} is in order`);
    }
  }, { census: false });
}

test("socketpair() an idle end holds no worker, whose descriptors stay open", () =>
  leavesNothing(async () => {
    const worker = hire("worker_threads", "worker.ts", { task: "idle" });
    const left = await worker.message() as number[];
    assert.equal(await worker.ended, 0);
    // Nothing of the worker is left that could close them, and closing them here shows that they were open.
    for (const fd of left) close(fd);
  }), { census: false });

async function lastMessage(worker: Hired): Promise<never> {
  for (;;) await worker.message();
}

// The exit code after a throw is 1, but 0 in Bun.
for (const [end, failure, codes] of [["exit", /code 7/, [7]], ["throw", /thrown on purpose/, [0, 1]]] as const) {
  test(`SocketEnd a worker ends at once with reads pending: ${end}`, async () => {
    for (let count = 0; count < 5; count += 1) {
      const worker = hire("worker_threads", "waiting.ts", { how: "read", end });
      await assert.rejects(lastMessage(worker), failure);
      assert.ok((codes as readonly number[]).includes(await worker.ended));
    }
  }, { census: false });
}
