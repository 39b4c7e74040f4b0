/** The fake kernel against the real one: the same calls, drawn at random from a fixed seed, must give the same answers. */

import { readFileSync } from "node:fs";
import { release } from "node:os";
import process from "node:process";
import * as posix from "../../ffi/mod.ts";
import { type Arena, arena } from "../../ffi/arena.ts";
import { replaceLibc } from "../../ffi/hooks.ts";
import * as syscalls from "../../ffi/syscalls.ts";
import { CONSTANTS, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLLIN, EPOLLOUT, EPOLLRDHUP } from "../../ffi/systems/linux.ts";
import { onFake } from "./_support.ts";
import { assert, onlyOn, test } from "../_support.ts";

const notLinux = process.platform !== "linux" && "the fake kernel is Linux";
// Which of two errors comes first, and what a packet counts against SO_SNDBUF, is not the same in every release.
const otherRelease = notLinux || (!release().startsWith("6.18.") && "the sizes and the errors are those of Linux 6.18");
const { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_TRUNC, SO_SNDBUF, SO_TIMESTAMP, SOL_SOCKET } = CONSTANTS;

/** What was done and what came of it, a line a call. */
type Trace = string[];

function attempt(trace: Trace, what: string, call: () => unknown): void {
  try {
    trace.push(`${what} = ${JSON.stringify(call())}`);
  } catch (error) {
    if (!(error instanceof posix.SocketError)) throw error;
    trace.push(`${what} = ${error.code}`);
  }
}

/** What epoll says of a descriptor. */
function ready(memory: Arena, epoll: number, fd: number): string {
  const { eventAddress, eventsAddress } = memory;
  const { calls } = memory.libc;
  memory.setEvent(EPOLLIN | EPOLLOUT | EPOLLRDHUP, 7);
  assert.equal(calls.epoll_ctl(epoll, EPOLL_CTL_ADD, fd, eventAddress), 0);
  const count = calls.epoll_wait(epoll, eventsAddress, 4, 0);
  assert.equal(calls.epoll_ctl(epoll, EPOLL_CTL_DEL, fd, eventAddress), 0);
  return count === 0 ? "-" : memory.eventMask(0).toString(16);
}

// With only the first four the send buffer is never a quarter full, however a release counts.
const SIZES = [0, 1, 64, 200, 4096, 65_536, 212_960, 212_961];

/**
 * Does what the seed says on a pair of this type, on the C library that is in place.
 *
 * @param full Whether it also asks what is answered in another way in another release: it fills the buffer, sets its size, and
 * sends where more than one error would be right
 */
function play(type: number, seed: number, full: boolean): Trace {
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
  const trace: Trace = [];
  const memory = arena();
  const fds = posix.socketpair(CONSTANTS.AF_UNIX, type, 0);
  const epoll = memory.libc.calls.epoll_create1(0);
  const open = [true, true];
  if (type === CONSTANTS.SOCK_SEQPACKET) fds.forEach((fd) => posix.setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, 1));
  const sizes = full ? SIZES : SIZES.slice(0, 4);
  let whole = true;
  for (let step = 0; step < 60; step += 1) {
    const side = random(2);
    const fd = fds[side]!;
    if (!open[side]) continue;
    const action = random(48);
    const sends = action < 20 || (action >= 38 && action < 42);
    if (!full && ((sends && !whole) || action === 37)) continue;
    if (action < 20) {
      const bytes = new Uint8Array(sizes[random(sizes.length)]!).fill(step);
      attempt(
        trace,
        `${side} send ${bytes.byteLength}`,
        () => posix.sendmsg(fd, { iov: [bytes] }, MSG_DONTWAIT | MSG_NOSIGNAL),
      );
    } else if (action < 36) {
      const bytes = new Uint8Array(random(3) === 0 ? 1000 : 300_000);
      attempt(trace, `${side} receive ${bytes.byteLength}`, () => [
        posix.recvmsg(fd, { iov: [bytes] }, MSG_DONTWAIT | MSG_TRUNC),
        bytes[0],
        bytes[999],
      ]);
    } else if (action < 37) {
      whole = false;
      attempt(trace, `${side} shutdown`, () => posix.shutdown(fd, random(3)));
    } else if (action < 38) {
      attempt(trace, `${side} SO_SNDBUF`, () => {
        posix.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, [1, 5000, 100_000, 300_000][random(4)]!);
        return posix.getsockopt(fd, SOL_SOCKET, SO_SNDBUF);
      });
    } else if (action < 42) {
      const records = [0, 1, 2, 3].map((index) => new Uint8Array(sizes[random(full ? 6 : 4)]!).fill(step + index));
      attempt(
        trace,
        `${side} send ${records.map(({ byteLength }) => byteLength)}`,
        () => syscalls.sendMany(memory, fd, records, 0),
      );
    } else if (action < 46 && type !== CONSTANTS.SOCK_STREAM) {
      attempt(trace, `${side} receive many`, () => {
        const count = syscalls.receiveMany(memory, fd);
        const bytes = new Uint8Array(220_000);
        return [
          count,
          ...Array.from({ length: Math.max(0, count) }, (_, index) => {
            memory.slots.copy(index, bytes, 0);
            return [memory.slots.length(index), bytes[0], bytes[999]];
          }),
        ];
      });
    } else if (step > 20) {
      whole = false;
      posix.close(fd);
      trace.push(`${side} close`);
      open[side] = false;
    }
    fds.forEach((fd, other) => {
      if (!open[other]) return;
      const polled = syscalls.poll(memory, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP).toString(16);
      trace.push(`  ${other} is ready for ${ready(memory, epoll, fd)}, ${polled}`);
    });
  }
  fds.forEach((fd, side) => open[side] && posix.close(fd));
  posix.close(epoll);
  return trace;
}

for (const full of [false, true]) {
  const subject = full ? "full buffers, sizes and errors" : "small packets";
  for (const name of ["SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET"] as const) {
    test(`FakeKernel answers as the kernel does: ${name}, ${subject}`, async () => {
      const bufferMax = Number(readFileSync("/proc/sys/net/core/wmem_max", "utf8"));
      let answers = 0;
      for (let seed = 1; seed <= 50; seed += 1) {
        replaceLibc(undefined);
        const real = play(CONSTANTS[name], seed, full);
        answers += real.length;
        await onFake(() => assert.deepEqual(play(CONSTANTS[name], seed, full), real, `seed ${seed}`), { bufferMax });
      }
      assert.ok(answers > 2000, `only ${answers} answers were compared`);
    }, { skip: (full ? otherRelease : notLinux) || onlyOn("bun") });
  }
}
