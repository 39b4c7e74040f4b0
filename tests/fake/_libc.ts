/** A C library in memory, with a script of faults and an eye on every breach of ffi/runtimes/contract.ts. */

import { SocketError } from "../../ffi/errors.ts";
import type { Block, Calls, Libc } from "../../ffi/runtimes/contract.ts";
import { CONSTANTS, ERRNO, MAP_SCRATCH, PROT_READ_WRITE } from "../../ffi/systems/linux.ts";
import { fakeCalls } from "./_calls.ts";
import { FakeKernel, STRANGER } from "./_kernel.ts";
import { FakeMemory } from "./_memory.ts";
import { type CallName, FakeScript, type Step } from "./_script.ts";
import { readDescriptors, readMessage, readVector, writeReceived } from "./_message.ts";
import { FakeSocket } from "./_socket.ts";
import { FakeWaiter } from "./_waiter.ts";

/** One call that was made. */
export interface FakeCall {
  readonly name: CallName;
  readonly values: readonly number[];
  /** As the kernel has it: an errno is a negative number. */
  readonly result: number;
  /** Whether the script had a word in it. */
  readonly scripted: boolean;
}

/** How a fake differs from the default. */
export interface FakeOptions {
  /** The processor whose struct layouts are used. Default: `"x64"`. */
  readonly arch?: "x64" | "arm64";
  /** `net.core.wmem_max`. Default: 212,992. */
  readonly bufferMax?: number;
  /** Whether a waiter that is closed calls back at once, as libuv's does. Default: false, as an off-thread one. */
  readonly closesAtOnce?: boolean;
  /** Whether every number that is closed belongs to another part of the process in the same instant. Default: false. */
  readonly reuse?: boolean;
}

/** Put in place with `replaceLibc(fake)`. */
export class FakeLibc implements Libc {
  readonly arch: string;
  readonly calls: Calls;
  readonly kernel: FakeKernel;
  readonly memory: FakeMemory = new FakeMemory();
  /** Every call, in order. */
  readonly log: FakeCall[] = [];
  /** Every waiter ever made, the latest last. */
  readonly waiters: FakeWaiter[] = [];
  /** Breaches of contract. */
  readonly breaches: string[] = [];
  /** What becomes of the next calls. */
  readonly #script = new FakeScript();
  readonly #options: FakeOptions;
  #stopped = false;
  #errno = 0;
  /** errno is worth something only until the next thing happens. */
  #errnoFresh = false;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.arch = options.arch ?? "x64";
    this.kernel = new FakeKernel(options.bufferMax ?? 212_992);
    this.kernel.changed = () => this.waiters.forEach((waiter) => waiter.poke());
    const messages = this.#messages();
    this.calls = { ...fakeCalls(this, messages.sendmsg), ...messages };
  }

  /** What becomes of the next calls of this name, one step a call. After the last step nothing out of the ordinary. */
  fail(name: CallName, steps: readonly Step[]): void {
    this.#script.add(name, steps);
  }

  /** Drops what is left of the script. Returns how many steps no call has come for. */
  forget(): number {
    return this.#script.clear();
  }

  /** How often a call was made. */
  count(name: CallName): number {
    return this.log.filter((call) => call.name === name).length;
  }

  /** Calls back every waiter that waits, for nothing. */
  spurious(): void {
    for (const waiter of this.waiters) waiter.fire();
  }

  /** From here on every call fails and nothing is called back: what a failed test has left behind comes to an end. */
  stop(): void {
    this.#stopped = true;
    this.kernel.changed = () => {};
    for (const waiter of this.waiters) waiter.disarm();
  }

  #messages(): Pick<Calls, "recvmsg" | "sendmsg" | "recvmmsg" | "sendmmsg"> {
    return {
      recvmsg: (fd, header, flags) =>
        this.run("recvmsg", [fd, header, flags], [fd], (short) => this.#recvmsg(fd, header, flags, short)),
      sendmsg: (fd, header, flags) =>
        this.run("sendmsg", [fd, header, flags], [fd], (short) => this.#sendmsg(fd, header, flags, short)),
      recvmmsg: (fd, headers, count, flags) =>
        this.run("recvmmsg", [fd, headers, count, flags], [fd], (short) => {
          const socket = this.kernel.file(fd);
          // As the kernel does it: an error of the socket's own comes before all that is queued.
          const error = socket instanceof FakeSocket ? socket.takeError() : 0;
          if (error !== 0) return -error;
          return this.#many(headers, count, short, (header) => this.#recvmsg(fd, header, flags, Infinity));
        }),
      sendmmsg: (fd, headers, count, flags) =>
        this.run(
          "sendmmsg",
          [fd, headers, count, flags],
          [fd],
          (short) => this.#many(headers, count, short, (header) => this.#sendmsg(fd, header, flags, Infinity)),
        ),
    };
  }

  errno(): number {
    if (this.#stopped) return ERRNO.EBADF;
    if (!this.#errnoFresh) this.breach("errno is read after something else was done");
    return this.#errno;
  }

  allocate(size: number): Block {
    const address = this.calls.mmap(0, size, PROT_READ_WRITE, MAP_SCRATCH, -1, 0);
    if (address === -1) throw new RangeError(`Cannot map ${size} bytes: out of memory`);
    return { address, buffer: this.memory.buffer(address) };
  }

  lend(bytes: Uint8Array): number {
    this.#errnoFresh = false;
    if (bytes.byteLength < 64) this.breach(`a view of ${bytes.byteLength} bytes is lent: the collector may move it`);
    return this.memory.lend(bytes);
  }

  createWaiter(fd: number, ready: () => void): FakeWaiter {
    if (this.run("createWaiter", [fd], [fd], () => 0) === -1) {
      throw new SocketError("Cannot wait for the socket", this.errno(), "eventfd");
    }
    const host = { readable: (fd: number) => this.kernel.ready(fd), breach: (what: string) => this.breach(what) };
    const later = this.#options.closesAtOnce ? (done: () => void) => done() : setImmediate;
    const waiter = new FakeWaiter(host, fd, ready, later);
    this.waiters.push(waiter);
    return waiter;
  }

  /** Takes note of a breach of contract. */
  breach(what: string): void {
    this.breaches.push(what);
  }

  /** Makes one call: on open descriptors only, and as the script wants it. */
  run(name: CallName, values: readonly number[], fds: readonly number[], body: (short: number) => number): number {
    if (this.#stopped) return -1;
    this.#errnoFresh = false;
    const step = this.#script.next(name);
    if (typeof step === "function") step();
    const result = this.#lost(name, fds) ?? this.#outcome(name, step, body);
    this.log.push({ name, values, result, scripted: step !== null });
    // A call that a signal interrupted is made again at once with the same addresses, and a receipt that has met a reset.
    const again = result === -ERRNO.EINTR || (result === -ERRNO.ECONNRESET && name === "recvmsg");
    if (!again) this.memory.expire();
    if (result >= 0) return result;
    this.#errno = -result;
    this.#errnoFresh = true;
    return -1;
  }

  /** Closes a descriptor that no waiter may look at any more. */
  close(fd: number): void {
    if (this.waiters.some((waiter) => waiter.fd === fd && !waiter.closed)) this.breach(`close(${fd}) under a waiter`);
    const excused = this.log.some(({ name, values, scripted }) => scripted && name === "epoll_ctl" && values[2] === fd);
    if (this.kernel.close(fd) && !excused) this.breach(`close(${fd}) while an epoll descriptor knows it`);
    if (this.#options.reuse) this.kernel.open(STRANGER);
  }

  #outcome(name: CallName, step: Step, body: (short: number) => number): number {
    if (typeof step === "object" && step !== null) return body(step.short);
    if (typeof step !== "string" && typeof step !== "number") return body(Infinity);
    // On Linux the number is free whatever close says.
    if (name === "close") body(Infinity);
    return typeof step === "string" ? -ERRNO[step] : -step;
  }

  #lost(name: CallName, fds: readonly number[]): number | undefined {
    for (const fd of fds) {
      const file = this.kernel.file(fd);
      if (file !== undefined && file !== STRANGER) continue;
      this.breach(`${name}() on descriptor ${fd}, which is ${file === undefined ? "closed" : "another owner's"}`);
      return -ERRNO.EBADF;
    }
    return undefined;
  }

  /** Makes a call for each `struct mmsghdr` (64 bytes, the length at 56). What fails behind the first is not told. */
  #many(headers: number, count: number, most: number, call: (header: number) => number): number {
    for (let index = 0; index < Math.min(count, most); index += 1) {
      const header = headers + index * 64;
      const length = call(header);
      if (length < 0) return index === 0 ? length : index;
      const bytes = this.memory.bytes(header + 56, 4)!;
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, length, true);
    }
    return Math.min(count, most);
  }

  #sendmsg(fd: number, header: number, flags: number, short: number): number {
    const socket = this.kernel.file(fd);
    if (!(socket instanceof FakeSocket)) return -ERRNO.ENOTSOCK;
    const bytes = readMessage(this.memory, header);
    if (typeof bytes === "number") return this.#fault("sendmsg", bytes);
    const files = readDescriptors(this.memory, header).map((fd) => this.kernel.file(fd));
    if (!files.every((file) => file !== undefined)) return -ERRNO.EBADF;
    const result = socket.send(bytes.subarray(0, short), files);
    if (result === -ERRNO.EPIPE && (flags & CONSTANTS.MSG_NOSIGNAL) === 0) {
      this.breach("sendmsg() without MSG_NOSIGNAL");
    }
    return this.#atOnce("sendmsg", result, flags);
  }

  #recvmsg(fd: number, header: number, flags: number, short: number): number {
    const socket = this.kernel.file(fd);
    if (!(socket instanceof FakeSocket)) return -ERRNO.ENOTSOCK;
    const vector = readVector(this.memory, header);
    if (typeof vector === "number") return this.#fault("recvmsg", vector);
    const room = vector.reduce((sum, part) => sum + part.byteLength, 0);
    const received = socket.receive(Math.min(room, short));
    if (typeof received === "number") return this.#atOnce("recvmsg", received, flags);
    return writeReceived(this.memory, header, vector, received, flags, this.kernel);
  }

  #atOnce(name: string, result: number, flags: number): number {
    if (result === -ERRNO.EAGAIN && (flags & CONSTANTS.MSG_DONTWAIT) === 0) this.breach(`${name}() blocks the thread`);
    return result;
  }

  #fault(name: string, result: number): number {
    this.breach(`${name}() with an address that is not valid`);
    return result;
  }
}
