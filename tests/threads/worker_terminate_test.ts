/**
 * Workers that are terminated, each scenario in a process of its own.
 *
 * No code of a terminated worker runs, so what it had open stays open until the process ends: its sockets, one epoll
 * descriptor, one eventfd, and in Deno the thread that polls them, for which Deno keeps two descriptors of its own.
 */

import { assert, quarter, runtime, test } from "../_support.ts";
import { KINDS } from "../children/_hire.ts";
import { endsWell, start } from "../children/_start.ts";

/** What `children/terminate.ts` prints. */
interface Figures {
  terminated: number;
  longest: number;
  before: { threads: number; descriptors: Record<string, number> };
  after: { threads: number; descriptors: Record<string, number> };
}

const SCENARIOS = {
  worker_threads: [
    ["with reads pending, one after the other", "read", 20, 1],
    ["with reads pending, all at once", "read", 20, 20],
    ["with a write stuck", "write", 10, 5],
    ["with reads pending that hold nothing", "unref", 10, 5],
    ["in the middle of a ping-pong", "ping-pong", 20, 2],
    ["at any moment", "any moment", 40, 5],
  ],
  Worker: [
    ["with reads pending, one after the other", "read", 10, 1],
    ["with reads pending, all at once", "read", 20, 20],
    ["at any moment", "any moment", 30, 5],
  ],
} as const;

for (const [kind, skip] of KINDS) {
  for (const [name, how, most, atATime] of SCENARIOS[kind]) {
    // From five on, one thread left by each is told from the few that a runtime starts by itself.
    const count = Math.max(5, quarter(most));
    test(
      `SocketEnd the process is well, and ends, after workers were terminated: ${count} ${name}, ${kind}`,
      async () => {
        const { stdout } = await endsWell(start("terminate.ts", [kind, how, `${count}`, `${atATime}`]));
        const { terminated, longest, before, after } = JSON.parse(stdout) as Figures;
        assert.equal(terminated, count);
        assert.ok(longest < 10_000, `terminate() took ${longest} ms`);
        for (const kind of ["eventfd", "eventpoll"]) {
          assert.ok(after.descriptors[kind]! <= before.descriptors[kind]! + 3 * count, `${kind}: ${stdout}`);
        }
        const threads = runtime === "deno" ? 2 * count : 0;
        assert.ok(after.threads <= before.threads + threads + 4, stdout);
      },
      { census: false, skip },
    );
  }
}
