/** The first wait of a program: between two ends of one thread it needs neither a poller nor a thread. */

import { assert, test } from "../_support.ts";
import { endsWell, start } from "../children/_start.ts";

const WAYS = {
  calls: "read() of a call that a write() of the same turn serves",
  later: "read() of a call that a write() two turns later serves",
  stream: "read() of a stream that a write() serves",
  records: "read() of records that a write() serves",
  framed: "read() of frames that a write() gathers",
  write: "write() of more than fits, which is read in the same turn,",
};

for (const [way, what] of Object.entries(WAYS)) {
  test(`${what} opens no poller and starts no thread`, async () => {
    const { stdout } = await endsWell(start("first_read.ts", [way]));
    assert.deepEqual(JSON.parse(stdout), { eventpoll: 0, eventfd: 0, threads: 0 });
  });
}
