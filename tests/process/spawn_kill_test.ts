/** Children that are killed at any moment, with records and descriptors on their way in both directions. */

import process from "node:process";
import { type SocketEnd, SocketError, socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { assert, commandFor, CONNECTED, delay, type MessageEnd, runtime, stdioOf, test } from "../_support.ts";
import { endOf } from "../peers/_child.ts";
import { holders, openFile } from "../peers/_sockets.ts";

const TIMES = 20;
const AT_A_TIME = 4;
const LOST = ["ECONNRESET", "EPIPE", "ECONNREFUSED"];

/** What may go wrong when the child is gone. */
function isLoss(error: unknown): void {
  assert.ok(error instanceof SocketError && LOST.includes(error.code), String(error));
}

/** Sends ends to the child until it is gone. Gives the ends that stayed here. */
async function feed(end: MessageEnd): Promise<SocketEnd[]> {
  const stayed: SocketEnd[] = [];
  const writer = end.writable.getWriter();
  let error: unknown;
  while (error === undefined) {
    const [mine, theirs] = socketpair();
    stayed.push(mine);
    error = await writer.write({ data: new Uint8Array(100), descriptors: [theirs] }).then(
      () => undefined,
      (why) => why,
    );
    theirs[Symbol.dispose]();
    // Those that come back are closed while this waits.
    await delay(0);
  }
  isLoss(error);
  return stayed;
}

/** Closes what comes from the child, until it is gone. */
async function drain(end: MessageEnd, ready: () => void): Promise<void> {
  try {
    for await (const { descriptors } of end.readable) {
      ready();
      for (const descriptor of descriptors) descriptor.close();
    }
  } catch (error) {
    isLoss(error);
  }
}

/** One child, killed at a random moment: before it runs our code, or while it sends and receives. */
async function killOne(type: "stream" | "seqpacket"): Promise<void> {
  const [ours, theirs] = socketpair({ type, chunks: "messages" });
  const file = openFile(theirs.fd);
  const [program, args] = commandFor("tests/peers/victim.ts");
  const child = spawn(program, args, { stdio: stdioOf({ 3: theirs }), env: { ...process.env, NODE_NO_WARNINGS: "1" } });
  const ended = endOf(child);
  assert.deepEqual(holders(file), []);
  const ready = Promise.withResolvers<void>();
  const feeding = feed(ours);
  const draining = drain(ours, ready.resolve);
  const early = Math.random() < 0.3;
  if (!early) await ready.promise;
  await delay(Math.random() * 60);
  // The child has what it was given, in that place and in no other, but for the copy that Deno makes in a Deno child
  // (denoland/deno#34133).
  const spare = runtime === "deno" ? 1 : 0;
  if (!early) assert.deepEqual(holders(file, child.pid!).slice(0, -spare || undefined), [3]);
  child.kill("SIGKILL");
  assert.equal(await ended, "SIGKILL");
  await draining;
  // No process has the other ends any more, wherever they were: here, there, or on their way.
  for (const end of await feeding) {
    const late = setTimeout(() => end.close(new Error("a descriptor is left open somewhere")), 5000);
    assert.equal((await end.readable.getReader().read()).done, true);
    clearTimeout(late);
    await end.close();
  }
  await ours.close().catch(isLoss);
}

for (const type of CONNECTED) {
  test(`spawn() ${TIMES / 2} children, each killed at a random moment, leave nothing open: ${type}`, async () => {
    for (let done = 0; done < TIMES / 2;) {
      const count = Math.min(AT_A_TIME, TIMES / 2 - done);
      await Promise.all(Array.from({ length: count }, () => killOne(type)));
      done += count;
    }
  }, { timeout: 60_000 });
}
