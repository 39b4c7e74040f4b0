import { socketpair } from "../../mod.ts";
import { Buffer } from "node:buffer";
import { assert, CONNECTED, test } from "../_support.ts";

const encoder = new TextEncoder();

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, index) => index * 7 + (index >> 8));
}

/** A stream of so many chunks. */
function sourceOf(count: number, size: number): ReadableStream<Uint8Array> {
  return ReadableStream.from(Array.from({ length: count }, (_, number) => new Uint8Array(size).fill(number)));
}

for (const type of CONNECTED) {
  test(`${type}: tee() gives everything to both branches`, async () => {
    await using pair = socketpair({ type });
    const piping = sourceOf(100, 5000).pipeTo(pair[0].writable);
    const branches = pair[1].readable.tee().map((branch) => Array.fromAsync(branch));
    const [first, second] = (await Promise.all(branches)).map((chunks) => Buffer.concat(chunks));
    assert.equal(first!.byteLength, 500_000);
    assert.equal(Buffer.compare(first!, second!), 0);
    await piping;
  });

  test(`${type}: cancel() of both branches of tee() refuses what the peer writes`, async () => {
    await using pair = socketpair({ type });
    await Promise.all(pair[1].readable.tee().map((branch) => branch.cancel()));
    await assert.rejects(pair[0].writable.getWriter().write(new Uint8Array(1)), { code: "EPIPE" });
  });

  test(`${type}: pipeTo() carries everything through a chain of pairs, and the end behind it`, async () => {
    await using first = socketpair({ type });
    await using second = socketpair({ type });
    await using third = socketpair({ type });
    const piping = Promise.all([
      sourceOf(200, 5000).pipeTo(first[0].writable),
      first[1].readable.pipeTo(second[0].writable),
      second[1].readable.pipeTo(third[0].writable),
    ]);
    const received = Buffer.concat(await Array.fromAsync(third[1].readable));
    assert.equal(Buffer.compare(received, Buffer.concat(await Array.fromAsync(sourceOf(200, 5000)))), 0);
    await piping;
  });

  test(`${type}: pipeTo() of an end into itself is an echo`, async () => {
    await using pair = socketpair({ type });
    const echoing = pair[1].readable.pipeTo(pair[1].writable);
    const sending = sourceOf(100, 5000).pipeTo(pair[0].writable);
    const received = Buffer.concat(await Array.fromAsync(pair[0].readable));
    assert.equal(Buffer.compare(received, Buffer.concat(await Array.fromAsync(sourceOf(100, 5000)))), 0);
    await Promise.all([echoing, sending, pair[0].closed, pair[1].closed]);
  });

  test(`${type}: pipeThrough() compresses on one side and expands on the other`, async () => {
    await using pair = socketpair({ type });
    const text = "as often as it takes to be worth compressing ".repeat(20_000);
    const sending = ReadableStream.from([encoder.encode(text)])
      .pipeThrough(new CompressionStream("gzip")).pipeTo(pair[0].writable);
    const received = pair[1].readable.pipeThrough(new DecompressionStream("gzip"));
    assert.equal(await new Response(received).text(), text);
    await sending;
  });

  test(`${type}: pipeThrough() decodes text that was cut in the middle of a character`, async () => {
    await using pair = socketpair({ type });
    const text = "žluťoučký kůň 🐎 ".repeat(2000);
    const bytes = encoder.encode(text);
    const cuts = Array.from({ length: Math.ceil(bytes.byteLength / 7) }, (_, n) => bytes.subarray(7 * n, 7 * n + 7));
    const sending = ReadableStream.from(cuts).pipeTo(pair[0].writable);
    const received = await Array.fromAsync(pair[1].readable.pipeThrough(new TextDecoderStream()));
    assert.equal(received.join(""), text);
    await sending;
  });

  test(`${type}: pipeThrough() encodes text into the end`, async () => {
    await using pair = socketpair({ type });
    const sending = ReadableStream.from(["žluťoučký ", "kůň"])
      .pipeThrough(new TextEncoderStream()).pipeTo(pair[0].writable);
    assert.equal(await new Response(pair[1].readable).text(), "žluťoučký kůň");
    await sending;
  });

  test(`${type}: pipeThrough() takes a TransformStream`, async () => {
    await using pair = socketpair({ type });
    const sending = sourceOf(50, 10).pipeTo(pair[0].writable);
    const doubled = pair[1].readable.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => controller.enqueue(chunk.map((byte) => byte * 2)),
      }),
    );
    const received = Buffer.concat(await Array.fromAsync(doubled));
    assert.equal(received.byteLength, 500);
    for (const [index, byte] of received.entries()) assert.equal(byte, 2 * Math.floor(index / 10));
    await sending;
  });
}

test("stream: Response reads an end as a body", async () => {
  await using pair = socketpair();
  const sending = ReadableStream.from([bytesOf(300_000)]).pipeTo(pair[0].writable);
  const body = new Uint8Array(await new Response(pair[1].readable).arrayBuffer());
  assert.equal(Buffer.compare(body, bytesOf(300_000)), 0);
  await sending;
});

test("seqpacket: ReadableStream.from() pipes chunks of every form as records", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const chunks = [new Uint8Array([1]), new Uint8Array([2]).buffer, [new Uint8Array([3]), new Uint16Array([4])], []];
  const sending = ReadableStream.from(chunks).pipeTo(pair[0].writable);
  const records = await Array.fromAsync(pair[1].readable);
  assert.deepEqual(records.map((record) => [...record]), [[1], [2], [3, 4, 0], []]);
  await sending;
});
