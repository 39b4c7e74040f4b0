/** What happens at the limits of the system, of memory and of patience. */

import { spawnSync } from "node:child_process";
import { type AnyEnd, type Bytes, type SocketPair, socketpair, type SocketPairOptions } from "../../mod.ts";
import { getsockopt, SO_SNDBUF, SOL_SOCKET, write } from "../../ffi/mod.ts";
import { assert, commandFor, onTwo, quarter, run, runScript, test } from "../_support.ts";
import { noise } from "./model/noise.ts";
import { same } from "./model/noise.ts";
import { flooded, foreignPair } from "./limits/_ends.ts";

/** Runs a script of `tests/stress/limits/` that may have so many descriptors. */
async function runLimited(script: string, limit: number, ...args: number[]): Promise<string> {
  const [program, prefix] = commandFor(`tests/stress/limits/${script}`);
  const command = ["-c", `ulimit -n ${limit}; exec "$@"`, "sh", program, ...prefix, ...args.map(String)];
  const { code, stdout, stderr } = await run("sh", command, { timeout: 40_000 });
  assert.equal(code, 0, stderr);
  return stdout.trimEnd();
}

test("socketpair() fails with EMFILE in the midst of work, which goes on, and succeeds again later", async () => {
  assert.equal(await runLimited("full.ts", 90, 90), "280 records, new pairs fail with EMFILE, and then with nothing");
});

const PAIRS = quarter(5000);
/** What a process needs besides. */
const DESCRIPTORS = 2 * PAIRS + 200;
const hard = spawnSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).stdout.trim();
const tooFew = hard !== "unlimited" && Number(hard) < DESCRIPTORS && `this process may have ${hard} descriptors only`;

test(`socketpair() makes ${PAIRS} pairs, all of which carry records both ways at once`, async () => {
  const expected = `${2 * PAIRS} open, ${2 * PAIRS} records, 0 left`;
  assert.equal(await runLimited("many.ts", DESCRIPTORS, PAIRS), expected);
}, { skip: tooFew, timeout: 60_000 });

for (const [index, kind] of ["stream", "framed", "batches", "seqpacket", "dgram", "ancillary"].entries()) {
  for (const [offset, how] of ["pipe", "writes"].entries()) {
    test(`writable does not fill the memory when the reader has stopped for good: ${kind}, ${how}`, async () => {
      const { code, stdout, stderr } = await runScript("tests/stress/limits/stopped.ts", [kind, how]);
      assert.equal(code, 0, stderr);
      const { taken, grown } = JSON.parse(stdout) as Record<string, number>;
      assert.ok(taken! > 0 && taken! < 2, `${taken} MiB were taken`);
      assert.ok(grown! < 32, `${grown} MiB`);
    }, { skip: onTwo(index + offset) });
  }
}

const FLOWS: Record<string, Omit<SocketPairOptions, "chunks">> = {
  stream: {},
  framed: { framing: "uint32le" },
  seqpacket: { type: "seqpacket" },
  dgram: { type: "dgram" },
};

for (const [kind, options] of Object.entries(FLOWS)) {
  test(`records flow with the least SO_SNDBUF that the kernel allows: ${kind}`, async () => {
    await using pair = socketpair({ ...options, sendBufferSize: 1 }) as unknown as SocketPair;
    const least = getsockopt(pair[0].fd, SOL_SOCKET, SO_SNDBUF);
    assert.ok(least > 1 && least < 16_384, `${least}`);
    const writer = pair[0].writable.getWriter();
    const sizes = Array.from({ length: 200 }, (_, number) => 1 + (number * 7919) % (least - 32));
    const writing = Promise.all(sizes.map((size, number) => writer.write(noise(size, number))));
    await arrives(pair[1].readable, sizes, kind === "stream");
    await writing;
  });
}

/** Reads that many bytes of noise: in these records, or as they come. */
async function arrives(readable: ReadableStream<Bytes>, sizes: readonly number[], cut: boolean): Promise<void> {
  const total = sizes.reduce((sum, size) => sum + size);
  const reader = readable.getReader();
  const records: Bytes[] = [];
  for (let length = 0; length < total;) length += records[records.push((await reader.read()).value!) - 1]!.length;
  if (!cut) assert.deepEqual(records.map(({ length }) => length), sizes);
  const whole = new Uint8Array(await new Blob(records).arrayBuffer());
  const sent = new Uint8Array(await new Blob(sizes.map(noise)).arrayBuffer());
  assert.ok(same(whole, sent));
}

test("seqpacket: a record of 4 MiB arrives whole, or is a RangeError that names its size, and those before arrive", async () => {
  const [left, right] = foreignPair();
  const writer = left.writable.getWriter();
  const record = noise(4 * 1024 * 1024, 1);
  const writes = [writer.write(new Uint8Array([1])), writer.write(record)];
  const reader = right.readable.getReader();
  assert.deepEqual((await reader.read()).value, new Uint8Array([1]));
  const second = await Promise.race([reader.read(), writes[1]!.then(() => reader.read(), String)]);
  if (typeof second === "string") {
    assert.match(second, /^RangeError: Cannot send a record of 4194304 bytes: .*limit is \d+/);
  } else assert.ok(same(second.value!, record));
  await Promise.allSettled([...writes, left.close(), right.close()]);
});

const BUSY: Record<string, [options: SocketPairOptions, size: number, amount: number]> = {
  stream: [{}, 0, 1_000_000],
  "framed, small": [{ framing: "uint32le" }, 60, 1_000_000],
  "framed, large": [{ framing: "uint32le" }, 4_000_000, 0],
  batches: [{ framing: "uint32le", chunks: "batches" }, 60, 1_000_000],
  seqpacket: [{ type: "seqpacket" }, 60, 0],
};

for (const [kind, [options, size, amount]] of Object.entries(BUSY)) {
  test(`readable that is never empty lets timers, signals and other pairs have their turn: ${kind}`, async () => {
    const [end, child] = flooded(options, size, amount);
    const reader = (end as AnyEnd).readable.getReader();
    await reader.read();
    const signal = AbortSignal.timeout(150);
    const [near, far] = foreignPair();
    let rounds = 0;
    const quiet = (async () => {
      for (const other = near.readable.getReader(); !signal.aborted; rounds += 1) {
        setTimeout(() => write(far.fd, new Uint8Array(1)), 1);
        await other.read();
      }
    })();
    const begin = performance.now();
    while (!signal.aborted && performance.now() - begin < 2000) await reader.read();
    assert.ok(signal.aborted, "the signal has not come");
    child.kill("SIGKILL");
    await quiet;
    assert.ok(rounds > 0, "the other pair had no turn");
    await Promise.allSettled([end.close("enough"), near.close(), far.close()]);
    await new Promise((resolve) => child.exitCode ?? child.signalCode ? resolve(0) : child.once("exit", resolve));
  });
}
