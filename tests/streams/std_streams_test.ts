/**
 * `@std/streams` composes with the ends of a pair. It comes from JSR, which not every machine reaches: so only
 * `deno task test:std` runs these, and nothing here is in the graph of any other test.
 */

import process from "node:process";
import { type SocketEnd, socketpair } from "../../mod.ts";
import { assert, test } from "../_support.ts";

/** As much of `@std/streams` as is used here: its own types are out of reach wherever it is. */
interface Std {
  mergeReadableStreams<T>(...streams: ReadableStream<T>[]): ReadableStream<T>;
  zipReadableStreams<T>(...streams: ReadableStream<T>[]): ReadableStream<T>;
  toTransformStream<I, O>(transform: (source: ReadableStream<I>) => AsyncIterable<O>): TransformStream<I, O>;
  toText(stream: ReadableStream<Uint8Array>): Promise<string>;
  toArrayBuffer(stream: ReadableStream<Uint8Array>): Promise<ArrayBuffer>;
  TextLineStream: new () => TransformStream<string, string>;
}

/** Not a literal in `import()`: a literal would be fetched for every test run. */
const STD: string = "@std/streams";
let std: Std | undefined;
let reason = "@std/streams is on JSR, `deno task test:std` runs this";
if (process.env["SOCKETPAIR_STD"] === "1") {
  try {
    std = await import(STD);
  } catch (error) {
    if (process.env["CI"]) throw error;
    reason = `@std/streams cannot be reached: ${(error as Error).message.split("\n")[0]}`;
  }
}

async function send(end: SocketEnd, ...texts: string[]): Promise<void> {
  const writer = end.writable.getWriter();
  for (const text of texts) await writer.write(new TextEncoder().encode(text));
  await writer.close();
}

const texts = async (stream: ReadableStream<Uint8Array>): Promise<string[]> =>
  (await Array.fromAsync(stream)).map((record) => new TextDecoder().decode(record));

function composes({ mergeReadableStreams, zipReadableStreams, toTransformStream, ...rest }: Std): void {
  const { toText, toArrayBuffer, TextLineStream } = rest;

  test("TextLineStream() finds the lines in a byte stream", async () => {
    await using pair = socketpair();
    const sent = send(pair[0], "one\ntw", "o\r\n\nfour");
    const lines = pair[1].readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    assert.deepEqual(await Array.fromAsync(lines), ["one", "two", "", "four"]);
    await sent;
  });

  test("mergeReadableStreams() brings every record of several ends, those of one end in order", async () => {
    const pairs = Array.from({ length: 3 }, () => socketpair({ type: "seqpacket" }));
    const sent = pairs.map(([left], index) => send(left, `${index}a`, "", `${index}b`));
    const merged = await texts(mergeReadableStreams(...pairs.map(([, right]) => right.readable)));
    assert.deepEqual([...merged].sort(), ["", "", "", "0a", "0b", "1a", "1b", "2a", "2b"]);
    for (const index of [0, 1, 2]) assert.ok(merged.indexOf(`${index}a`) < merged.indexOf(`${index}b`));
    await Promise.all([...sent, ...pairs.map((pair) => pair[Symbol.asyncDispose]())]);
  });

  test("zipReadableStreams() takes a record of each end in turn", async () => {
    const pairs = [socketpair({ type: "seqpacket" }), socketpair({ type: "seqpacket" })];
    const sent = pairs.map(([left], index) => send(left, `${index}a`, `${index}b`));
    const zipped = await texts(zipReadableStreams(...pairs.map(([, right]) => right.readable)));
    assert.deepEqual(zipped, ["0a", "1a", "0b", "1b"]);
    await Promise.all([...sent, ...pairs.map((pair) => pair[Symbol.asyncDispose]())]);
  });

  test("toTransformStream() stands between two pairs, and empty records pass", async () => {
    await using first = socketpair({ type: "seqpacket" });
    await using second = socketpair({ type: "seqpacket" });
    const upper = toTransformStream(async function* (source: ReadableStream<Uint8Array<ArrayBuffer>>) {
      for await (const record of source) yield record.map((byte) => byte & ~0x20);
    });
    const piped = first[1].readable.pipeThrough(upper).pipeTo(second[0].writable);
    await send(first[0], "one", "", "two");
    assert.deepEqual(await texts(second[1].readable), ["ONE", "", "TWO"]);
    await piped;
  });

  test("toText() and toArrayBuffer() read an end to its end", async () => {
    await using pair = socketpair();
    await Promise.all([send(pair[0], "sent ", "there"), send(pair[1], "1234")]);
    assert.equal(await toText(pair[1].readable), "sent there");
    assert.equal((await toArrayBuffer(pair[0].readable)).byteLength, 4);
  });

  test("examples/std_streams.ts prints what it promises", async () => {
    const { log } = console;
    const printed: string[] = [];
    console.log = (line: string) => void printed.push(line);
    try {
      await import(new URL("../../examples/std_streams.ts", import.meta.url).href);
    } finally {
      console.log = log;
    }
    const lines = ["first", "second", "", "fourth"].map((line) => `line "${line}"`);
    const results = ["0, result 1", "0, result 2", "1, result 1", "1, result 2"].map((result) => `worker ${result}`);
    assert.deepEqual(printed, [...lines, results.join("\n")]);
  });
}

if (std === undefined) test("@std/streams composes with pairs", () => {}, { skip: reason });
else composes(std);
