import { Buffer } from "node:buffer";
import { MSG_DONTWAIT, read, recvmsg, sendmsg, write } from "../../ffi/mod.ts";
import { noise, records } from "../stress/faults/_raw.ts";
import { assert, runScript, test } from "../_support.ts";

const SIZES = [5, 100, 5000, 70_000];

/** Views of `size` bytes on memory of every kind, none of them at the start of its buffer. */
const KINDS: [string, (size: number) => ArrayBufferView][] = [
  ["a Uint8Array", (size) => new Uint8Array(new ArrayBuffer(size + 16), 8, size)],
  ["a DataView", (size) => new DataView(new ArrayBuffer(size + 16), 8, size)],
  ["a Uint8ClampedArray", (size) => new Uint8ClampedArray(new ArrayBuffer(size + 16), 3, size)],
  ["a Buffer", (size) => Buffer.alloc(size + 16).subarray(7, 7 + size)],
  ["a SharedArrayBuffer's view", (size) => new Uint8Array(new SharedArrayBuffer(size + 16), 8, size)],
  [
    "a resizable buffer's view",
    (size) => new Uint8Array(new ArrayBuffer(size + 16, { maxByteLength: 2 ** 20 }), 8, size),
  ],
  ["a WebAssembly memory's view", (size) => new Uint8Array(new WebAssembly.Memory({ initial: 2 }).buffer, 8, size)],
];

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => new Uint8Array(buffer, byteOffset, byteLength);

for (const [what, make] of KINDS) {
  test(`write() and read() use exactly the bytes of ${what}`, () => {
    using pair = records();
    for (const size of SIZES) {
      const [source, target] = [make(size), make(size)];
      bytesOf(source).set(noise(size, size));
      assert.equal(write(pair[0], source), size);
      assert.equal(read(pair[1], target), size);
      assert.deepEqual([...bytesOf(target)], [...noise(size, size)]);
      const whole = new Uint8Array(target.buffer);
      assert.ok(whole.subarray(0, target.byteOffset).every((byte) => byte === 0), "bytes before the view");
      assert.ok(whole.subarray(target.byteOffset + size).every((byte) => byte === 0), "bytes after the view");
    }
  });

  test(`sendmsg() and recvmsg() use exactly the bytes of ${what}`, () => {
    using pair = records();
    const sources = SIZES.map(make);
    const targets = SIZES.map(make);
    for (const source of sources) bytesOf(source).set(noise(source.byteLength, source.byteLength));
    const total = SIZES.reduce((sum, size) => sum + size);
    assert.equal(sendmsg(pair[0], { iov: sources }), total);
    assert.equal(recvmsg(pair[1], { iov: targets }, MSG_DONTWAIT).bytes, total);
    for (const target of targets) {
      assert.deepEqual([...bytesOf(target)], [...noise(target.byteLength, target.byteLength)]);
    }
  });
}

test("write() and read() use the elements of a wider array as bytes", () => {
  using pair = records();
  for (const length of [4, 2000]) {
    const source = Float64Array.from({ length }, (_, index) => index / 3);
    const target = new Float64Array(length);
    assert.equal(write(pair[0], source), 8 * length);
    assert.equal(read(pair[1], target), 8 * length);
    assert.deepEqual(target, source);
  }
});

test("every call survives the garbage collector: nothing it reads or writes is moved or freed under it", async () => {
  const { code, stdout, stderr } = await runScript("tests/stress/faults/garbage.ts", [], { timeout: 60_000 });
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "intact\n" }, stderr);
}, { timeout: 70_000 });
