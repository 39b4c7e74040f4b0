import { SocketEnd, socketpair } from "../../mod.ts";
import * as ffi from "../../ffi/mod.ts";
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { libc } from "../../ffi/libc.ts";
import { F_SETFD } from "../../ffi/systems/linux.ts";
import { watched } from "../_epoll.ts";
import { assert, delay, test, TYPES } from "../_support.ts";

const SOCK = { stream: ffi.SOCK_STREAM, seqpacket: ffi.SOCK_SEQPACKET, dgram: ffi.SOCK_DGRAM } as const;
const O_CLOEXEC = 0o2000000;

/** O_CLOEXEC and the like of a descriptor. */
function flagsOf(fd: number): number {
  return parseInt(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8").match(/^flags:\s*([0-7]+)/m)![1]!, 8);
}

/** The descriptors of all sockets of this process. */
function sockets(): number[] {
  return readdirSync("/proc/self/fd").map(Number).filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
    } catch {
      return false;
    }
  });
}

for (const type of TYPES) {
  test(`SocketEnd.from() adopts a ${type} socket and knows its type`, async () => {
    const [left, right] = ffi.socketpair(ffi.AF_UNIX, SOCK[type], 0);
    await using first = SocketEnd.from(left);
    await using second = SocketEnd.from(right);
    assert.deepEqual([first.type, second.type, first.fd, second.fd], [type, type, left, right]);
    await first.writable.getWriter().write(new Uint8Array([1, 2]));
    assert.deepEqual((await second.readable.getReader().read()).value, new Uint8Array([1, 2]));
  });

  test(`SocketEnd.from() ends of type ${type} that wait for each other are woken by the kernel`, async () => {
    const [left, right] = ffi.socketpair(ffi.AF_UNIX, SOCK[type], 0);
    await using first = SocketEnd.from(left);
    await using second = SocketEnd.from(right);
    const echoing = second.readable.pipeTo(second.writable).catch(() => {});
    const writer = first.writable.getWriter();
    const reader = first.readable.getReader();
    for (let number = 0; number < 100; number += 1) {
      await writer.write(new Uint8Array([number]));
      assert.deepEqual((await reader.read()).value, new Uint8Array([number]));
    }
    await Promise.all([first.close(), second.close(), echoing]);
  });
}

test("SocketEnd.from() makes the descriptor close-on-exec", () => {
  const [left, right] = ffi.socketpair(ffi.AF_UNIX, ffi.SOCK_STREAM, 0);
  libc().calls.fcntl(left, F_SETFD, 0);
  assert.equal(flagsOf(left) & O_CLOEXEC, 0);
  using first = SocketEnd.from(left);
  using second = SocketEnd.from(right);
  assert.deepEqual([flagsOf(first.fd) & O_CLOEXEC, flagsOf(second.fd) & O_CLOEXEC], [O_CLOEXEC, O_CLOEXEC]);
});

test("SocketEnd.from() refuses a number that no descriptor has", () => {
  for (const fd of [NaN, -1, 1.5, Infinity]) {
    assert.throws(() => SocketEnd.from(fd), {
      name: "TypeError",
      message: `Cannot adopt descriptor ${fd}: that is not a descriptor number`,
    });
  }
});

test("SocketEnd.from() refuses what is neither a number nor a token nor a received descriptor, and says what came", () => {
  const wrong: [unknown, string][] = [
    ["3", "a value of type string"],
    [undefined, "undefined"],
    [null, "null"],
    [3n, "a value of type bigint"],
    [{}, "an object of type Object"],
  ];
  for (const [source, name] of wrong) {
    assert.throws(() => SocketEnd.from(source as number), {
      name: "TypeError",
      message: `Cannot adopt ${name}: an end is made of a descriptor number, a token or a received descriptor`,
    });
  }
});

test("SocketEnd.from() refuses a number that is too large for a descriptor, also if its lower bits are one", () => {
  const [left, right] = ffi.socketpair(ffi.AF_UNIX, ffi.SOCK_STREAM, 0);
  for (const fd of [2 ** 31, 2 ** 32 + left, Number.MAX_SAFE_INTEGER]) {
    assert.throws(() => SocketEnd.from(fd), TypeError, `${fd}`);
  }
  ffi.close(left);
  ffi.close(right);
});

class Evil extends Uint8Array {
  override get byteLength() {
    return 60_000;
  }
}

test("SocketEnd.from() takes of unread only the bytes that are there", async () => {
  for (const options of [{}, { framing: "uint32le" }] as const) {
    const [left, right] = socketpair();
    const { fd } = right.detach();
    await using end = SocketEnd.from(fd, {
      ...options,
      unread: [new Evil([3, 0, 0, 0, 1]), new DataView(new ArrayBuffer(1))],
    });
    await left.write(new Uint8Array([7]));
    await left.close();
    const all: number[] = [];
    for await (const chunk of end.readable) all.push(...chunk);
    assert.deepEqual(all, "framing" in options ? [1, 0, 7] : [3, 0, 0, 0, 1, 0, 7]);
  }
  const [left, right] = socketpair({ type: "seqpacket" });
  await using end = SocketEnd.from(right.detach().fd, { unread: [new Evil([1, 2, 3])] });
  assert.equal(await end.read(new Uint8Array(60_000)), 3);
  await left.close();
});

test("SocketEnd.from() refuses in unread what detach() does not give, and leaves the descriptor to the caller", () => {
  const [left, right] = ffi.socketpair(ffi.AF_UNIX, ffi.SOCK_SEQPACKET, 0);
  for (const unread of ["text", ["text"], [5], [null], [[1, 2]], [new ArrayBuffer(1)], {}]) {
    assert.throws(() => SocketEnd.from(left, { unread: unread as [] }), { name: "TypeError", message: /unread/ });
    assert.throws(() => SocketEnd.from(left, { unread: unread as [], chunks: "messages" }), {
      name: "TypeError",
      message: /unread/,
    });
  }
  for (const descriptors of [undefined, 5, [5], [{ fd: 5, close() {} }]]) {
    const unread = [{ data: new Uint8Array(1), descriptors }];
    assert.throws(() => SocketEnd.from(left, { unread, chunks: "messages" }), { name: "TypeError", message: /unread/ });
  }
  ffi.close(left);
  ffi.close(right);
});

test("what was unread is given out in its order, as calls and as streams, and handed on again", async () => {
  for (const type of TYPES) {
    const [left, right] = socketpair({ type });
    const unread = Array.from({ length: 5 }, (_, index) => new Uint8Array([index]));
    const first = SocketEnd.from(right.detach().fd, { unread });
    const buffer = new Uint8Array(1);
    assert.deepEqual([await first.read(buffer), buffer[0]], [1, 0]);
    const again = first.detach();
    assert.deepEqual(again.unread.map((bytes) => [...bytes]), [[1], [2], [3], [4]]);
    const second = SocketEnd.from(again.fd, { unread: again.unread });
    const reader = second.readable.getReader();
    const all = [];
    for (let count = 0; count < 4; count += 1) all.push(...(await reader.read()).value!);
    assert.deepEqual(all, [1, 2, 3, 4]);
    await Promise.all([left.close(), second.close()]);
  }
});

test("SocketEnd.from() refuses a descriptor that is not open with EBADF", () => {
  const [left, right] = ffi.socketpair(ffi.AF_UNIX, ffi.SOCK_STREAM, 0);
  ffi.close(left);
  ffi.close(right);
  for (const fd of [Math.max(left, right), 1_000_000]) {
    assert.throws(() => SocketEnd.from(fd), { name: "SocketError", code: "EBADF", syscall: "getsockopt" });
  }
});

test("SocketEnd.from() refuses a file with ENOTSOCK and leaves it open", () => {
  const fd = openSync("/dev/null", "r");
  assert.throws(() => SocketEnd.from(fd), { name: "SocketError", code: "ENOTSOCK" });
  assert.equal(readlinkSync(`/proc/self/fd/${fd}`), "/dev/null");
  closeSync(fd);
});

test("SocketEnd.from() refuses an internet socket and leaves it open", async () => {
  const before = new Set(sockets());
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const [fd] = sockets().filter((fd) => !before.has(fd));
  assert.throws(() => SocketEnd.from(fd!), {
    name: "TypeError",
    message: `Cannot adopt descriptor ${fd}: its address family is 2, not AF_UNIX`,
  });
  assert.match(readlinkSync(`/proc/self/fd/${fd}`), /^socket:/);
  await new Promise((resolve) => server.close(resolve));
});

test("SocketEnd.from() refuses a descriptor that another end owns, and leaves that end alone", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  assert.throws(() => SocketEnd.from(pair[0].fd), {
    name: "TypeError",
    message: `Cannot adopt descriptor ${pair[0].fd}: another object of this thread owns it`,
  });
  const reading = pair[1].readable.getReader().read();
  await watched(pair[1], "read");
  await pair[0].writable.getWriter().write(new Uint8Array([1]));
  assert.deepEqual((await reading).value, new Uint8Array([1]));
});

test("SocketEnd.from() takes a number again whose earlier owner has closed it", async () => {
  for (let round = 0; round < 3; round += 1) {
    const [left, right] = ffi.socketpair(ffi.AF_UNIX, ffi.SOCK_STREAM, 0);
    const [first, second] = [SocketEnd.from(left), SocketEnd.from(right)];
    const reading = first.readable.getReader().read();
    await delay(2);
    await Promise.all([first.close(), second.close()]);
    assert.equal((await reading).done, true);
  }
});
