/**
 * Every failure at every call: a little scenario is run once for each of its calls and each of the errnos, with that call
 * failing. Whatever comes of it, all promises settle, nothing stays open, no descriptor is touched once it is closed, and what
 * went missing is told.
 */

import { SocketEnd, socketpair, type SocketPairOptions, type SocketType } from "../../mod.ts";
import { SocketError } from "../../ffi/mod.ts";
import { CONSTANTS, ERRNO } from "../../ffi/systems/linux.ts";
import { setBlocking } from "../../ffi/descriptor.ts";
import { lend } from "../../streams/access.ts";
import { isOpen } from "../_waiting.ts";
import type { FakeCall, FakeLibc } from "./_libc.ts";
import type { CallName } from "./_script.ts";
import { delay, onlyOn } from "../_support.ts";
import { assert, later, onFake, outcome, test, turns } from "./_support.ts";

const EIO = 5;
/** Each that the module treats in a way of its own, and one that it does not. */
const ERRNOS = ["EAGAIN", "EINTR", "ECONNRESET", "EMSGSIZE", "ENOBUFS", "EPIPE", "ENOMEM", EIO] as const;
/** One that a send waits some milliseconds for. */
const PASSING = "ETOOMANYREFS";

type Errno = typeof ERRNOS[number] | typeof PASSING;

/** Which ends a scenario is played on. */
interface Cast {
  readonly name: string;
  readonly options: SocketPairOptions;
  /** Whether the ends know nothing of each other. */
  readonly apart: boolean;
}

/** Any pair of ends: what their chunks are, the scenario knows. */
type Ends = [SocketEnd, SocketEnd];

/** What came of a scenario. */
interface Result {
  readonly rejections: readonly unknown[];
  /** Whether all that was to happen has happened. */
  readonly complete: boolean;
}

/**
 * Plays on a pair. `track` takes every promise that must settle; `rest` lets turns of the event loop pass, and what is sent again.
 * Gives what tells at the end whether all has happened.
 */
type Scenario = (
  ends: Ends,
  track: (promise: Promise<unknown>) => void,
  rest: (count: number) => Promise<void>,
  cast: Cast,
  fake: FakeLibc,
) => Promise<() => boolean>;

function open(fake: FakeLibc, { options, apart }: Cast): Ends {
  if (!apart) return [...socketpair({ ...options, sendBufferSize: 5000 })] as unknown as Ends;
  const types = { stream: CONSTANTS.SOCK_STREAM, seqpacket: CONSTANTS.SOCK_SEQPACKET, dgram: CONSTANTS.SOCK_DGRAM };
  const { type = "stream", ...others } = options;
  const fds = fake.kernel.sockets(types[type]).map((socket) => {
    socket.sendBuffer = 10_000;
    return fake.kernel.open(socket);
  });
  const ends: SocketEnd[] = [];
  try {
    for (const fd of fds) ends.push(SocketEnd.from(fd, { busyPoll: 0, ...others }) as unknown as SocketEnd);
  } finally {
    // What was not adopted stays the caller's.
    for (const fd of fds.slice(ends.length)) fake.kernel.close(fd);
    if (ends.length === 1) ends[0]![Symbol.dispose]();
  }
  return [ends[0]!, ends[1]!];
}

const RECORDS = [...Array(7).keys()].map((index) => new Uint8Array(5000).fill(index + 1));

/** Both ways by the streams with waits in between, more than the kernel takes at once, half-close, close. */
const streaming: Scenario = async ([left, right], track, rest, { options }) => {
  let received = 0;
  const inBatches = options.chunks === "batches";
  track((async () => {
    for await (const chunk of right.readable) for (const piece of [chunk].flat()) received += piece.byteLength;
  })());
  await turns(3);
  const writer = left.writable.getWriter();
  for (const chunk of inBatches ? [RECORDS as never] : RECORDS) track(writer.write(chunk));
  await rest(30);
  track(left.readable.getReader().read());
  await turns(3);
  track(right.writable.getWriter().write(inBatches ? [new Uint8Array(3)] as never : new Uint8Array(3)));
  track(writer.close());
  // Not until this or that has settled: on dgram no reading ends before close(), nor does a write that is not read.
  await rest(70);
  return () => received === 35_000;
};

/** Both ways by calls, several of which wait at a time, one that its signal takes back, flush, half-close, close. */
const calling: Scenario = async ([left, right], track, rest) => {
  let received = 0;
  const buffer = new Uint8Array(6000);
  track((async () => {
    for (let length; (length = await right.read(buffer)) !== null;) received += length;
  })());
  await turns(3);
  for (const record of RECORDS) track(left.write(record));
  const controller = new AbortController();
  const taken = left.write(new Uint8Array(3), { signal: controller.signal });
  track(taken.catch((reason) => {
    if (reason !== controller.signal.reason) throw reason;
  }));
  controller.abort(new Error("enough"));
  track(left.flush());
  await rest(30);
  track(left.read(new Uint8Array(10)));
  track(left.read(new Uint8Array(10)));
  await turns(3);
  track(right.write(new Uint8Array(3)));
  track(left.closeWrite());
  await rest(70);
  // What is taken back has been gathered already where records are gathered.
  return () => received === 35_000 || received === 35_003;
};

/** Waits for the peer's end alone, then for that and a read, and hears of it. */
const departing: Scenario = async ([left, right], track, rest) => {
  let gone = false;
  let received: number | null = -1;
  void left.peerClosed.then(() => gone = true);
  await turns(3);
  track(left.read(new Uint8Array(10)).then((length) => received = length));
  await turns(3);
  track(right.write(new Uint8Array(3)));
  await turns(5);
  track(right.close());
  await rest(10);
  track(left.read(new Uint8Array(10)));
  await turns(5);
  return () => gone && received === 3;
};

/** Lends an end's descriptor as spawn() does, to an owner that reads what was sent and goes on sending. */
const lending: Scenario = async ([left, right], track, rest, _cast, fake) => {
  const received: number[] = [];
  const read = async () => {
    for (let round = 0; round < 2; round += 1) {
      const length = await left.read(new Uint8Array(10));
      if (length !== null) received.push(length);
    }
  };
  track(right.write(new Uint8Array(1)));
  await turns(2);
  track(read());
  await turns(5);
  let theirs = -1;
  let failure: unknown;
  try {
    const lent = lend(right, "hand the end over");
    setBlocking(lent.socket.fd);
    theirs = fake.kernel.open(fake.kernel.file(lent.socket.fd)!);
    lent.moved();
    assert.equal(isOpen(right), false);
  } catch (error) {
    failure = error;
  }
  if (failure !== undefined) track(Promise.reject(failure));
  else {
    const file = fake.kernel.file(theirs)!;
    assert.ok("send" in file);
    file.send(new Uint8Array(2));
  }
  await rest(10);
  if (theirs !== -1) fake.kernel.close(theirs);
  await turns(5);
  return () => received.join() === "1,2";
};

/** Sends descriptors along, of an end and of a number, and makes an end of one that has come. */
const passing: Scenario = async ([left, right], track, rest, _cast, fake) => {
  const heard: string[] = [];
  const [kept, given] = fake.kernel.sockets(CONSTANTS.SOCK_STREAM);
  const number = fake.kernel.open(given);
  const ours = fake.kernel.open(kept);
  track((async () => {
    for await (const message of right.readable) {
      const { data, descriptors = [] } = message as unknown as {
        data: Uint8Array;
        descriptors?: readonly { fd: number; close(): void }[];
      };
      heard.push(`${data.byteLength} ${descriptors.length}`);
      const [first, ...others] = descriptors;
      for (const other of others) other.close();
      if (first === undefined) continue;
      try {
        const end = SocketEnd.from(first as never);
        await turns(2);
        end[Symbol.dispose]();
      } catch (error) {
        first.close();
        throw error;
      }
    }
  })());
  await turns(3);
  const writer = left.writable.getWriter();
  track(writer.write({ data: new Uint8Array(5), descriptors: [number, number] } as never));
  track(writer.write({ data: new Uint8Array(6) } as never));
  await rest(20);
  track(writer.close());
  await rest(30);
  fake.kernel.close(number);
  fake.kernel.close(ours);
  return () => heard.join() === "5 2,6 0";
};

/** Every kind of end that there is. */
const CASTS: Cast[] = [];
for (const apart of [false, true]) {
  const where = apart ? " apart" : "";
  for (const type of ["stream", "seqpacket", "dgram"] as const) {
    CASTS.push({ name: type + where, options: { type }, apart });
  }
  CASTS.push({ name: `framed stream${where}`, options: { framing: "uint32le" }, apart });
  for (const type of ["seqpacket", "dgram"] as const) {
    CASTS.push({ name: `${type} in batches${where}`, options: { type, chunks: "batches" }, apart });
  }
}

/** The casts of some types, without chunks of a special kind. */
function casts(...types: SocketType[]): Cast[] {
  const make = (type: SocketType, apart: boolean) => ({
    name: type + (apart ? " apart" : ""),
    options: { type },
    apart,
  });
  return types.flatMap((type) => [make(type, false), make(type, true)]);
}

const messages = (cast: Cast): Cast => ({ ...cast, options: { ...cast.options, chunks: "messages" } });

async function play(
  scenario: Scenario,
  cast: Cast,
  prepare: (fake: FakeLibc) => void = () => {},
  milliseconds: number = 0,
): Promise<[Result, FakeCall[]]> {
  const promises: Promise<unknown>[] = [];
  const rejections: unknown[] = [];
  const rest = async (count: number): Promise<void> => {
    await turns(count);
    if (milliseconds > 0) await delay(milliseconds);
    if (milliseconds > 0) await turns(count);
  };
  let complete = false;
  let log: FakeCall[] = [];
  await onFake(async (fake) => {
    log = fake.log;
    prepare(fake);
    let ends: Ends | undefined;
    try {
      ends = open(fake, cast);
    } catch (error) {
      rejections.push(error);
    }
    if (ends !== undefined) {
      const told = await scenario(ends, (promise) => void promises.push(later(promise)), rest, cast, fake);
      for (const end of ends.toReversed()) promises.push(later(end.close()));
      for (const promise of promises) {
        const settled = await outcome(promise);
        if (settled.status === "rejected") rejections.push(settled.reason);
      }
      complete = told();
      assert.deepEqual(ends.map(isOpen), [false, false]);
    }
    fake.forget();
  }, { reuse: true, closesAtOnce: cast.apart });
  return [{ rejections, complete }, log];
}

/** Whether a rejection is due to what was made to fail. */
function blames(reason: unknown, errno: Errno): boolean {
  if (!(reason instanceof SocketError)) return reason instanceof RangeError && /map/.test(reason.message);
  return reason.errno === (typeof errno === "number" ? errno : ERRNO[errno]);
}

/** What is wrong with a run in which one call has failed, if anything is. */
async function fault(
  scenario: Scenario,
  cast: Cast,
  name: CallName,
  before: number,
  errno: Errno,
): Promise<string[]> {
  const what = `${errno} at call ${before} of ${name}`;
  try {
    const steps = [...new Array<null>(before).fill(null), errno];
    const [{ rejections, complete }] = await play(
      scenario,
      cast,
      (fake) => fake.fail(name, steps),
      errno === PASSING ? 8 : 0,
    );
    if (rejections.some((reason) => blames(reason, errno))) return [];
    if (rejections.length === 0 && (complete || excused(scenario, name))) return [];
    return [`${what}: ${complete ? "complete" : "not complete"}, ${rejections.join(", ")}`];
  } catch (error) {
    return [`${what}: ${(error as Error).message}`];
  }
}

/** peerClosed never rejects: without a poller it stays pending. */
function excused(scenario: Scenario, name: CallName): boolean {
  return scenario === departing && (name === "epoll_create1" || name === "epoll_ctl" || name === "createWaiter");
}

/** A test of one scenario, and how many different calls it makes at least. */
function sweep(title: string, scenario: Scenario, on: readonly Cast[], least: number): void {
  for (const cast of on) {
    test(`${title} on ${cast.name} come to an end whichever call fails, with whichever error`, async () => {
      const [{ rejections, complete }, log] = await play(scenario, cast);
      assert.deepEqual([rejections, complete], [[], true]);
      const counts = new Map<CallName, number>();
      const faults: string[] = [];
      // By the name and not by the place among all calls: when a stream lets others have a turn is not the same each time.
      for (const { name } of log) {
        const before = counts.get(name) ?? 0;
        counts.set(name, before + 1);
        // It cannot fail.
        if (name === "sched_yield") continue;
        for (const errno of /^sendm/.test(name) ? [...ERRNOS, PASSING] as const : ERRNOS) {
          faults.push(...await fault(scenario, cast, name, before, errno));
        }
      }
      assert.ok(counts.size >= least, [...counts.keys()].join());
      assert.deepEqual(faults, []);
    }, { skip: onlyOn("bun") });
  }
}

sweep("streams", streaming, CASTS, 9);
sweep(
  "calls",
  calling,
  [...casts("stream", "seqpacket", "dgram"), ...CASTS.filter(({ options }) => options.framing)],
  9,
);
sweep("peerClosed and reads", departing, casts("stream", "seqpacket"), 8);
sweep("ends that are lent", lending, casts("stream", "seqpacket", "dgram"), 8);
sweep("descriptors that are sent", passing, casts("stream", "seqpacket").map(messages), 8);
