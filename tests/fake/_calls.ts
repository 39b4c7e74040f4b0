/** The C functions of the fake library that are not hot: from numbers and addresses to the fake kernel and back. */

import type { Calls } from "../../ffi/runtimes/contract.ts";
import {
  EPOLLERR,
  EPOLLHUP,
  ERRNO,
  F_DUPFD_CLOEXEC,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  O_NONBLOCK,
} from "../../ffi/systems/linux.ts";
import { FakeCounter, FakeEpoll, type FakeFile, type FakeKernel } from "./_kernel.ts";
import type { FakeMemory } from "./_memory.ts";
import { FakeSocket } from "./_socket.ts";

/** What the calls work on. */
export interface CallsHost {
  readonly arch: string;
  readonly kernel: FakeKernel;
  readonly memory: FakeMemory;
  /** Makes one call on descriptors that must be open. `body` returns a negative errno if it fails. */
  run(name: keyof Calls, values: readonly number[], fds: readonly number[], body: () => number): number;
  /** Gives a descriptor back. */
  close(fd: number): void;
  /** Takes note of a breach of contract. */
  breach(what: string): void;
}

const { EAGAIN, EFAULT, EINVAL, ENOTSOCK } = ERRNO;
const O_RDWR = 2;
/** `MADV_DONTNEED`, from madvise(2). */
const DONTNEED = 4;

/** Runs a call with what the descriptor stands for, if it is of the right kind. */
function as<F extends FakeFile>(
  { kernel }: CallsHost,
  fd: number,
  kind: new (...values: never[]) => F,
  body: (file: F) => number,
): number {
  const file = kernel.file(fd);
  return file instanceof kind ? body(file) : -(kind === (FakeSocket as unknown) ? ENOTSOCK : EINVAL);
}

const NAMED = [
  "socket",
  "bind",
  "listen",
  "accept4",
  "connect",
  "getsockname",
  "getpeername",
  "open",
  "flock",
  "fchmod",
  "chmod",
  "getcwd",
  "unlink",
] as const;

/** What the fake has not: sockets with a name. */
function unnamed(run: CallsHost["run"]): Pick<Calls, (typeof NAMED)[number]> {
  const absent = NAMED.map((name) => [name, (...values: number[]) => run(name, values, [], () => -ERRNO.ENOSYS)]);
  return Object.fromEntries(absent) as Pick<Calls, (typeof NAMED)[number]>;
}

/** The functions of a fake library. */
export function fakeCalls(
  host: CallsHost,
  sendmsg: Calls["sendmsg"],
): Omit<Calls, "recvmsg" | "sendmsg" | "recvmmsg" | "sendmmsg"> {
  const { kernel, memory } = host;
  const view = (address: number, length: number): DataView | undefined => {
    const bytes = memory.bytes(address, length);
    return bytes && new DataView(bytes.buffer, bytes.byteOffset, length);
  };
  const setInt = (address: number, value: number): void => view(address, 4)!.setInt32(0, value, true);
  const run = host.run.bind(host);
  // struct epoll_event is packed on x86-64 only.
  const dataAt = host.arch === "x64" ? 4 : 8;
  const eventSize = dataAt + 8;
  return {
    socketpair: (domain, type, protocol, vector) =>
      run("socketpair", [domain, type, protocol, vector], [], () => {
        const pair = kernel.socketpair(domain, type, protocol);
        if (typeof pair === "number") return pair;
        pair.forEach((fd, index) => setInt(vector + 4 * index, fd));
        return 0;
      }),
    close: (fd) =>
      run("close", [fd], [fd], () => {
        host.close(fd);
        return 0;
      }),
    shutdown: (fd, how) =>
      run("shutdown", [fd, how], [fd], () => as(host, fd, FakeSocket, (file) => file.shutdown(how))),
    getsockopt: (fd, level, name, value, length) =>
      run("getsockopt", [fd, level, name, value, length], [fd], () =>
        as(host, fd, FakeSocket, (file) => {
          const result = file.getOption(name);
          if (result < 0) return result;
          setInt(value, result);
          return 0;
        })),
    setsockopt: (fd, level, name, value, length) =>
      run(
        "setsockopt",
        [fd, level, name, value, length],
        [fd],
        () => as(host, fd, FakeSocket, (file) => file.setOption(name, view(value, 4)!.getInt32(0, true))),
      ),
    fcntl: (fd, operation, value) =>
      run("fcntl", [fd, operation, value], [fd], () => {
        const file = kernel.file(fd)!;
        if (operation === F_DUPFD_CLOEXEC) return kernel.open(file);
        if (operation === F_GETFL) return O_RDWR | (file.nonBlocking ? O_NONBLOCK : 0);
        if (operation === F_SETFL) file.nonBlocking = (value & O_NONBLOCK) !== 0;
        return operation === F_SETFL || operation === F_SETFD ? 0 : -EINVAL;
      }),
    read: (fd, address, length) =>
      run("read", [fd, address, length], [fd], () =>
        as(host, fd, FakeCounter, (file) => {
          if (file.count === 0) return -EAGAIN;
          view(address, 8)!.setBigUint64(0, BigInt(file.count), true);
          file.count = 0;
          return 8;
        })),
    write: (fd, address, length) =>
      run("write", [fd, address, length], [fd], () =>
        as(host, fd, FakeCounter, (file) => {
          file.count += Number(view(address, 8)!.getBigUint64(0, true));
          return 8;
        })),
    eventfd: (count, flags) => run("eventfd", [count, flags], [], () => kernel.open(new FakeCounter())),
    epoll_create1: (flags) => run("epoll_create1", [flags], [], () => kernel.open(new FakeEpoll())),
    epoll_ctl: (epoll, operation, fd, event) =>
      run("epoll_ctl", [epoll, operation, fd, event], [epoll, fd], () =>
        as(host, epoll, FakeEpoll, (file) => {
          const asked = view(event, eventSize);
          if (asked === undefined) return -EFAULT;
          const data: [number, number] = [asked.getUint32(dataAt, true), asked.getUint32(dataAt + 4, true)];
          return kernel.control(file, operation, fd, asked.getUint32(0, true), data);
        })),
    epoll_wait: (epoll, events, max, timeout) =>
      run("epoll_wait", [epoll, events, max, timeout], [epoll], () =>
        as(host, epoll, FakeEpoll, (file) => {
          const taken = kernel.wait(file, max);
          if (taken.length === 0 && timeout !== 0) host.breach("epoll_wait() blocks the thread");
          taken.forEach(({ events: mask, data }, index) => {
            const event = view(events + index * eventSize, eventSize)!;
            event.setUint32(0, mask, true);
            event.setUint32(dataAt, data[0], true);
            event.setUint32(dataAt + 4, data[1], true);
          });
          return taken.length;
        })),
    mmap: (address, length, protection, flags, fd, offset) =>
      run("mmap", [address, length, protection, flags, fd, offset], [], () => memory.map(length)),
    memcpy: (to, from, length) =>
      run("memcpy", [to, from, length], [], () => {
        memory.bytes(to, length)!.set(memory.bytes(from, length)!);
        return to;
      }),
    syscall: (_number, fd, header, flags) => sendmsg(fd, header, flags),
    poll: (pollfds, count, timeout) => {
      const asked = view(pollfds, 8 * count);
      const fds = asked === undefined
        ? []
        : Array.from({ length: count }, (_, index) => asked.getInt32(8 * index, true));
      return run("poll", [pollfds, count, timeout], fds, () => {
        if (asked === undefined) return -EFAULT;
        let ready = 0;
        fds.forEach((fd, index) => {
          const file = kernel.file(fd);
          const events = asked.getUint16(8 * index + 4, true) | EPOLLERR | EPOLLHUP;
          const found = file instanceof FakeSocket ? file.events() & events : 0;
          asked.setUint16(8 * index + 6, found, true);
          if (found !== 0) ready += 1;
        });
        if (ready === 0 && timeout !== 0) host.breach("poll() blocks the thread");
        return ready;
      });
    },
    madvise: (address, length, advice) =>
      run("madvise", [address, length, advice], [], () => {
        if (advice !== DONTNEED || address % 4096 !== 0) return -EINVAL;
        // The kernel gives whole pages back, also the last one of which only a part was named.
        const bytes = memory.bytes(address, Math.ceil(length / 4096) * 4096);
        if (bytes === undefined) return -EFAULT;
        bytes.fill(0);
        return 0;
      }),
    sched_yield: () => run("sched_yield", [], [], () => 0),
    getpid: () => 4711,
    pipe2: (vector, flags) =>
      run("pipe2", [vector, flags], [], () => {
        setInt(vector, kernel.open(new FakeCounter()));
        setInt(vector + 4, kernel.open(new FakeCounter()));
        return 0;
      }),
    ...unnamed(run),
  };
}
