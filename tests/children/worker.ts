/** What a worker can do with an end. Its orders say what, and with which descriptor. */

import { createHash, randomBytes, randomInt } from "node:crypto";
import { SocketEnd, socketpair } from "../../mod.ts";
import { finished, nextMessage, orders, tell } from "./_port.ts";

/** What the test asks for. */
export interface Orders {
  readonly task: "echo" | "exchange" | "inside" | "idle" | "hand back";
  readonly fd?: number;
  readonly type?: "stream" | "seqpacket" | "dgram";
  readonly count?: number;
}

/** What is not referred to, the collector closes; that goes for a module's own variables once all its code has run. */
const kept: SocketEnd[] = [];
Object.assign(globalThis, { kept });

/** Sends records of random sizes and compares what comes back. */
async function exchange(end: SocketEnd, count: number): Promise<number> {
  const writer = end.writable.getWriter();
  const digests: string[] = [];
  const sending = (async () => {
    for (let index = 0; index < count; index += 1) {
      const record = randomBytes(randomInt(1, 50_000));
      digests.push(createHash("sha1").update(record).digest("hex"));
      await writer.write(record);
    }
    await writer.close();
  })();
  let same = 0;
  for await (const record of end.readable) {
    if (createHash("sha1").update(record).digest("hex") === digests[same]) same += 1;
  }
  await sending;
  return same;
}

const { task, fd = -1, type = "seqpacket", count = 200 } = await orders<Orders>();
switch (task) {
  case "echo": {
    const end = SocketEnd.from(fd);
    await end.readable.pipeTo(end.writable);
    await end.closed;
    finished("echoed");
    break;
  }
  case "exchange":
    finished(await exchange(SocketEnd.from(fd), count));
    break;
  case "inside": {
    const [left, right] = socketpair({ type });
    const echoing = right.readable.pipeTo(right.writable);
    const same = await exchange(left, count);
    await echoing;
    await Promise.all([left.closed, right.closed]);
    finished(same);
    break;
  }
  case "idle":
    kept.push(...socketpair({ type }));
    finished(kept.map((end) => end.fd));
    break;
  case "hand back": {
    const end = SocketEnd.from(fd);
    await end.readable.getReader().read();
    const back = end.detach();
    tell(back.fd);
    await nextMessage();
    finished("handed back");
  }
}
