/** `closeRead()` where others have the socket too, and what the next owner has. */

import { SocketEnd, socketpair } from "../../mod.ts";
import * as ffi from "../../ffi/mod.ts";
import { spawn } from "../../process/mod.ts";
import { Buffer } from "node:buffer";
import process from "node:process";
import { watched } from "../_epoll.ts";
import { assert, CONNECTED, test } from "../_support.ts";

const EPIPE = { name: "SocketError", code: "EPIPE" };

async function total(end: SocketEnd): Promise<number> {
  let sum = 0;
  for await (const chunk of end.readable) sum += chunk.byteLength;
  return sum;
}

for (const type of CONNECTED) {
  test(`closeRead() ${type}: where the number was told, others go on reading, and the peer goes on writing`, async () => {
    await using pair = socketpair({ type });
    const [ours, theirs] = pair;
    const { fd } = ours;
    await theirs.write(new Uint8Array([1]));
    ours.closeRead();
    assert.equal(await ours.read(new Uint8Array(10)), 1);
    assert.equal(await ours.read(new Uint8Array(10)), null);
    await theirs.write(new Uint8Array([2, 3]));
    assert.equal(ffi.recvmsg(fd, { iov: [new Uint8Array(10)] }, ffi.MSG_DONTWAIT).bytes, 2);
    assert.equal(await ours.write(new Uint8Array(1)), 1);
  });

  test(`closeRead() ${type}: a duplicate goes on reading, also what had arrived`, async () => {
    await using pair = socketpair({ type });
    const [ours, theirs] = pair;
    await using other = ours.duplicate();
    const waits = other.read(new Uint8Array(10));
    await watched(other, "read");
    const ends = ours.read(new Uint8Array(10));
    await watched(ours, "read");
    ours.closeRead();
    assert.equal(await ends, null);
    await theirs.write(new Uint8Array([1, 2]));
    assert.equal(await waits, 2);
    await theirs.write(new Uint8Array([3]));
    assert.equal(await ours.read(new Uint8Array(10)), null);
    assert.equal(await other.read(new Uint8Array(10)), 1);
  });

  test(`closeRead() ${type}: the next owner reads the rest, and then the end`, async () => {
    await using pair = socketpair({ type });
    const [ours, theirs] = pair;
    await theirs.write(new Uint8Array([1, 2]));
    ours.closeRead();
    await using next = SocketEnd.from(ours.transfer());
    assert.equal(await total(next), 2);
    await assert.rejects(theirs.write(new Uint8Array(1)), EPIPE);
  });

  test(`closeRead() ${type}: close() behind it loses nothing of what was sent, and resets no peer`, async () => {
    await using pair = socketpair({ type });
    const [ours, theirs] = pair;
    await theirs.write(new Uint8Array([1, 2]));
    await ours.write(new Uint8Array([3]));
    ours.closeRead();
    await ours.close();
    assert.equal(await total(theirs), 1);
    await theirs.closed;
  });

  test(`closeRead() ${type}: what a program has printed ends with it, although a child of it has the socket`, async () => {
    const [ours, theirs] = socketpair({ type });
    const script = "sleep 20 >/dev/null 2>&1 & echo $! >&3; echo last words >&3";
    const child = spawn("sh", ["-c", script], { stdio: ["ignore", "inherit", "inherit", theirs] });
    child.on("exit", () => ours.closeRead());
    const printed = Buffer.concat(await Array.fromAsync(ours.readable)).toString();
    const [, background] = /^(\d+)\nlast words\n$/.exec(printed) ?? assert.fail(`printed: ${printed}`);
    process.kill(Number(background));
    await ours.close();
  });
}
