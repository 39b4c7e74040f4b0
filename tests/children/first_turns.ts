/** Prints after how many waits the module has first asked Deno for `setImmediate`, and ends by itself. */

const { get } = Object.getOwnPropertyDescriptor(globalThis, "setImmediate")!;
let asked = false;
Object.defineProperty(globalThis, "setImmediate", {
  configurable: true,
  get() {
    asked = true;
    return get!.call(globalThis);
  },
});

const { socketpair } = await import("../../mod.ts");
const [left, right] = socketpair({ type: "seqpacket" });
const buffer = new Uint8Array(8);
let waits = 0;
for (; !asked && waits < 1000; waits += 1) {
  const reading = right.read(buffer);
  await left.write(Uint8Array.of(waits));
  if (await reading !== 1 || buffer[0] !== (waits & 255)) throw new Error("A wrong record");
}
console.log(waits);
