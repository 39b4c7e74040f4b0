/** Framing against a peer that breaks the rules: by what it announces, by its pace, by dying. */

import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { type Bytes, SocketEnd } from "../../mod.ts";
import { AF_UNIX, close, SOCK_STREAM, socketpair as rawPair, write } from "../../ffi/mod.ts";
import { assert, delay, quarter, test } from "../_support.ts";
import { handOver } from "../children/_start.ts";
import { noise } from "./model/noise.ts";

/** A framed end, and the descriptor of its peer. */
function framed(maxRecordSize?: number): [SocketEnd, number] {
  const [fd, peer] = rawPair(AF_UNIX, SOCK_STREAM, 0);
  return [
    SocketEnd.from(fd, { framing: "uint32le", ...(maxRecordSize === undefined ? {} : { maxRecordSize }) }),
    peer,
  ];
}

function prefix(length: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length, true);
  return bytes;
}

for (
  const [sent, message] of [
    [2, 'FramingError: Cannot receive a record (framing "uint32le"): the peer ended after 2 bytes of its length'],
    [
      300_000,
      'FramingError: Cannot receive a record (framing "uint32le"): the peer ended after 300000 bytes of 1000004 bytes with its length',
    ],
  ] as const
) {
  for (const chunks of ["records", "batches"] as const) {
    test(`framing says where a process was killed in the midst of a record: ${sent} bytes, ${chunks}`, async () => {
      const start = Buffer.from(prefix(1_000_000)).subarray(0, sent).toString("hex");
      const options = { framing: "uint32le", chunks } as const;
      const [end, child] = handOver("../stress/limits/half.ts", [start, `${Math.max(0, sent - 4)}`], options);
      const reading = end.readable.getReader().read().then(() => "a record", String);
      assert.equal(await child.line(), "waiting");
      child.kill();
      assert.equal(await reading, message);
      assert.equal(await end.closed.catch(String), message);
      end[Symbol.dispose]();
      await child.outcome;
    });
  }
}

test("framing refuses one byte more than 64 MiB as soon as it is announced", async () => {
  const [end, peer] = framed();
  write(peer, prefix(64 * 1024 * 1024 + 1));
  await assert.rejects(end.readable.getReader().read(), {
    name: "FramingError",
    message: 'Cannot receive a record of 67108865 bytes (framing "uint32le"): maxRecordSize is 67108864; ' +
      'if the peer writes "uint32be", it has 16777220 bytes',
  });
  close(peer);
  await end.close().catch(() => {});
});

/** Bytes of address space and of memory that this process has. */
function memory(): [virtual: number, resident: number] {
  const status = readFileSync("/proc/self/status", "utf8");
  const of = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)![1]) * 1024;
  return [of("VmSize"), of("VmRSS")];
}

test("framing takes no memory for what is announced and not sent", async () => {
  const ends = Array.from({ length: 32 }, () => framed());
  const reads = ends.map(([end]) => end.readable.getReader().read());
  const before = memory();
  for (const [, peer] of ends) write(peer, Buffer.concat([prefix(64 * 1024 * 1024), new Uint8Array(100)]));
  await delay(50);
  const [virtual, resident] = memory().map((bytes, index) => (bytes - before[index]!) / 2 ** 20);
  // Announced were 2 GiB.
  assert.ok(virtual! < 1024 && resident! < 64, `${virtual} MiB of addresses, ${resident} MiB of memory`);
  for (const [, peer] of ends) close(peer);
  await Promise.all(reads.map((read) => assert.rejects(read, /ended after 104 bytes of 67108868/)));
  for (const [end] of ends) end[Symbol.dispose]();
});

test("framing waits for a length that trickles in byte by byte, and for the record", async () => {
  const [end, peer] = framed();
  const reader = end.readable.getReader();
  for (const record of [new Uint8Array(0), noise(1, 5), noise(300, 6)]) {
    const reading = reader.read();
    for (const byte of Buffer.concat([prefix(record.length), record])) {
      write(peer, new Uint8Array([byte]));
      await delay(record.length < 10 ? 2 : 0);
    }
    assert.deepEqual((await reading).value, record);
  }
  close(peer);
  await end.close();
});

const LIMIT = 5000;

/** What a plain reading of the bytes gives: records, and how it ends. */
function parse(bytes: Buffer): { records: Uint8Array[]; end: RegExp | undefined } {
  const records: Uint8Array[] = [];
  for (let offset = 0;;) {
    const left = bytes.length - offset;
    if (left < 4) return { records, end: left > 0 ? /ended after [123] bytes of its length/ : undefined };
    const length = bytes.readUInt32LE(offset);
    if (length > LIMIT) {
      return {
        records,
        end: new RegExp(`record of ${length} bytes \\(framing "uint32le"\\): maxRecordSize is ${LIMIT}`),
      };
    }
    if (left < 4 + length) return { records, end: new RegExp(`ended after ${left} bytes of ${4 + length}`) };
    records.push(new Uint8Array(bytes.subarray(offset + 4, offset += 4 + length)));
  }
}

test("framing gives of garbage what a plain reading gives, however it is cut, and then fails", async () => {
  const ends = new Set<string>();
  for (let seed = 1; seed <= quarter(40); seed += 1) {
    // Mostly zeros, so that it has lengths which can be met.
    const bytes = Buffer.from(noise(40 + 20 * seed, seed).map((byte) => byte < 220 ? 0 : byte));
    const { records, end: expected } = parse(bytes);
    const [end, peer] = framed(LIMIT);
    const received: Bytes[] = [];
    const reading = (async () => {
      for await (const record of end.readable) received.push(record);
    })().catch((error: Error) => error.message);
    for (let offset = 0, cut = 0; offset < bytes.length; offset += cut) {
      cut = 1 + noise(1, seed + offset)[0]! % 40;
      try {
        write(peer, bytes.subarray(offset, offset + cut));
      } catch {
        // It was refused at the first length over the limit.
        break;
      }
      await delay(0);
    }
    close(peer);
    const message = await reading;
    assert.deepEqual(received, records);
    if (expected === undefined) assert.equal(message, undefined);
    else assert.match(message!, expected);
    ends.add(expected === undefined ? "in order" : String(expected).replaceAll(/\d+/g, "#"));
    await end.close().catch(() => {});
  }
  assert.ok(ends.size >= 2, [...ends].join());
});
