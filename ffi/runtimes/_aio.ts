import { SocketError } from "../errors.ts";
import { EFD_CLOEXEC_NONBLOCK, ERRNO, POLLIN, SYS_AIO } from "../systems/linux.ts";
import { mapped } from "./_mapped.ts";
import type { BunFfi, BunNamespace } from "./_types.ts";
import type { Libc } from "./contract.ts";

/** The C function `syscall`, which takes what the system call of that number does. */
type Syscall = (number: number, context: number, a: number, b: number, c: number, d: number) => number;

/** How many polls may be under way. A thread needs one, and a few more while others are being closed. */
const POLLS = 16;
/** `struct iocb` and `struct io_event` of linux/aio_abi.h, in bytes, and `IOCB_CMD_POLL`, `IOCB_FLAG_RESFD`. */
const IOCB = 64;
const EVENT = 32;
const IOCB_CMD_POLL = 5;
const IOCB_FLAG_RESFD = 1;
/** Where things lie in the page: the context and the vector of iocbs, the iocbs, the events. */
const VECTOR = 8;
const IOCBS = 64;
const EVENTS = IOCBS + POLLS * IOCB;

/**
 * The kernel's asynchronous polls (Linux 4.19), whose completions Bun's own event loop is told of by an eventfd that it reads as a
 * file. No thread takes part.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/io_submit.2.html | io_submit(2)}
 */
export class AsyncPolls {
  readonly #bun: BunNamespace;
  readonly #syscall: Syscall;
  readonly #numbers: { readonly setup: number; readonly submit: number; readonly getevents: number };
  readonly #address: number;
  readonly #words: Uint32Array;
  readonly #context: number;
  readonly #eventfd: number;
  /** What is called when the poll of that index is over. */
  readonly #callbacks: ((() => void) | undefined)[] = Array.from({ length: POLLS }, () => undefined);
  readonly #users = new Set<object>();
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  /** @throws {SocketError} Where the kernel or a sandbox refuses */
  constructor(bun: BunNamespace, ffi: BunFfi, path: string, libc: Libc) {
    this.#bun = bun;
    const numbers = SYS_AIO[libc.arch];
    if (numbers === undefined) throw new SocketError("Cannot wait for the socket", ERRNO.ENOSYS, "io_setup");
    this.#numbers = numbers;
    const { symbols } = ffi.dlopen(path, {
      syscall: { args: ["usize", "ptr", "usize", "ptr", "ptr", "ptr"], returns: "i32" },
    });
    this.#syscall = symbols["syscall"] as Syscall;
    this.#address = mapped(libc, 4096);
    this.#words = new Uint32Array(ffi.toArrayBuffer(this.#address, 0, 4096));
    if (this.#syscall(numbers.setup, POLLS, this.#address, 0, 0, 0) !== 0) {
      throw new SocketError("Cannot wait for the socket", ERRNO.ENOSYS, "io_setup");
    }
    this.#context = this.#words[0]! + this.#words[1]! * 2 ** 32;
    this.#eventfd = libc.calls.eventfd(0, EFD_CLOEXEC_NONBLOCK);
    if (this.#eventfd === -1) throw new SocketError("Cannot wait for the socket", libc.errno(), "eventfd");
  }

  /** Polls a descriptor once until it is readable. Returns false if it cannot be done. */
  submit(fd: number, over: () => void): boolean {
    const index = this.#callbacks.indexOf(undefined);
    if (index === -1) return false;
    const iocb = IOCBS + index * IOCB;
    const words = this.#words;
    words.fill(0, iocb / 4, (iocb + IOCB) / 4);
    words[iocb / 4] = index;
    words[iocb / 4 + 4] = IOCB_CMD_POLL;
    words[iocb / 4 + 5] = fd;
    words[iocb / 4 + 6] = POLLIN;
    words[iocb / 4 + 14] = IOCB_FLAG_RESFD;
    words[iocb / 4 + 15] = this.#eventfd;
    const address = this.#address + iocb;
    words[VECTOR / 4] = address % 2 ** 32;
    words[VECTOR / 4 + 1] = address / 2 ** 32;
    if (this.#syscall(this.#numbers.submit, this.#context, 1, this.#address + VECTOR, 0, 0) !== 1) return false;
    this.#callbacks[index] = over;
    return true;
  }

  /** Whether completions are listened for as far as one user is concerned, which keeps the process alive. */
  listen(user: object, on: boolean): void {
    if (on) this.#users.add(user);
    else this.#users.delete(user);
    if (this.#users.size > 0 && this.#reader === undefined) this.#read();
  }

  /** Ends what keeps the process alive if it is for nothing. Not at once: most often the next wait begins in this turn. */
  rest(): void {
    if (this.#users.size > 0) return;
    void this.#reader?.cancel();
    this.#reader = undefined;
  }

  #read(): void {
    const reader = this.#reader = this.#bun.file(this.#eventfd).stream().getReader();
    const next = (): void => void reader.read().then(({ done }) => told(done), () => told(true));
    const told = (over: boolean): void => {
      if (this.#reader !== reader) return;
      if (over) return this.#fail();
      this.#collect();
      if (this.#reader === reader) next();
    };
    next();
  }

  /** The file cannot be read any more: each user looks for itself, and a user that waits again opens it anew. */
  #fail(): void {
    this.#reader = undefined;
    for (const callback of this.#callbacks.splice(0, POLLS, ...Array.from({ length: POLLS }, () => undefined))) {
      callback?.();
    }
  }

  #collect(): void {
    const { getevents } = this.#numbers;
    const count = this.#syscall(getevents, this.#context, 0, POLLS, this.#address + EVENTS, 0);
    const over: ((() => void) | undefined)[] = [];
    for (let event = 0; event < count; event += 1) {
      const index = this.#words[(EVENTS + event * EVENT) / 4]!;
      over.push(this.#callbacks[index]);
      this.#callbacks[index] = undefined;
    }
    for (const callback of over) callback?.();
  }
}
