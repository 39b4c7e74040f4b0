/**
 * Every failure at every call: a little scenario is run once for each of its calls and each of the errnos, with that call
 * failing. Whatever comes of it, all promises settle, nothing stays open, and no descriptor is touched once it is closed.
 */

import { SocketEnd, socketpair, type SocketPairOptions } from "../../mod.ts";
import { SocketError } from "../../ffi/mod.ts";
import { CONSTANTS, ERRNO } from "../../ffi/systems/linux.ts";
import type { FakeCall, FakeLibc } from "./_libc.ts";
import type { CallName } from "./_script.ts";
import { joined } from "../_joined.ts";
import { assert, later, onFake, outcome, test, turns } from "./_support.ts";

const EIO = 5;
/** Each that the module treats in a way of its own, and some that it does not. */
const ERRNOS = [
  "EAGAIN",
  "EINTR",
  "ECONNRESET",
  "EMSGSIZE",
  "ENOBUFS",
  "ENOTCONN",
  "EPIPE",
  "ENOMEM",
  "EMFILE",
  EIO,
] as const;

/** Which ends the scenario is played on. */
interface Cast {
  readonly name: string;
  readonly options: SocketPairOptions;
  /** Whether the ends know nothing of each other. */
  readonly apart: boolean;
}

const CASTS: Cast[] = [];
for (const apart of [false, true]) {
  for (const type of ["stream", "seqpacket", "dgram"] as const) {
    CASTS.push({ name: `${type}${apart ? " apart" : ""}`, options: { type }, apart });
  }
  CASTS.push({ name: `framed stream${apart ? " apart" : ""}`, options: { framing: "uint32le" }, apart });
  CASTS.push({ name: `batches${apart ? " apart" : ""}`, options: { type: "seqpacket", chunks: "batches" }, apart });
}

/** What came of a scenario. */
interface Result {
  readonly rejections: unknown[];
  readonly sent: number;
  readonly received: number;
}

function open(fake: FakeLibc, { options, apart }: Cast): [SocketEnd, SocketEnd] {
  if (!apart) return socketpair({ ...options, sendBufferSize: 5000 }).slice() as [SocketEnd, SocketEnd];
  const types = { stream: CONSTANTS.SOCK_STREAM, seqpacket: CONSTANTS.SOCK_SEQPACKET, dgram: CONSTANTS.SOCK_DGRAM };
  const fds = fake.kernel.sockets(types[options.type ?? "stream"]).map((socket) => {
    socket.sendBuffer = 10_000;
    return fake.kernel.open(socket);
  });
  const ends: SocketEnd[] = [];
  try {
    for (const fd of fds) ends.push(SocketEnd.from(fd, options));
  } finally {
    // What was not adopted stays the caller's.
    for (const fd of fds.slice(ends.length)) fake.kernel.close(fd);
    if (ends.length === 1) ends[0]![Symbol.dispose]();
  }
  return [ends[0]!, ends[1]!];
}

/** Both ways with waits in between, more than the kernel takes at once, half-close, close. */
async function scenario(fake: FakeLibc, cast: Cast): Promise<Result> {
  const promises: Promise<unknown>[] = [];
  const track = (promise: Promise<unknown>): void => void promises.push(later(promise));
  let ends: [SocketEnd, SocketEnd];
  try {
    ends = open(fake, cast);
  } catch (error) {
    return { rejections: [error], sent: 0, received: 0 };
  }
  const [left, right] = ends;
  const pieces: Uint8Array[] = [];
  const readAll = async (): Promise<void> => {
    for await (const chunk of right.readable) pieces.push(...[chunk].flat());
  };
  track(readAll());
  await turns(3);
  const writer = left.writable.getWriter();
  const records = [...Array(7).keys()].map((index) => new Uint8Array(5000).fill(index + 1));
  const chunks = cast.options.batches ? [records as never] : records;
  for (const chunk of chunks) track(writer.write(chunk));
  await turns(30);
  track(left.readable.getReader().read());
  await turns(3);
  track(right.writable.getWriter().write(cast.options.batches ? [new Uint8Array(3)] as never : new Uint8Array(3)));
  track(writer.close());
  await turns(10);
  // Not until this or that has settled: on dgram no reading ends before close(), nor does a write that nobody reads.
  await turns(60);
  for (const end of [right, left]) track(end.close());
  const rejections: unknown[] = [];
  for (const promise of promises) {
    const settled = await outcome(promise);
    if (settled.status === "rejected") rejections.push(settled.reason);
  }
  return { rejections, sent: 35_000, received: joined(pieces).byteLength };
}

async function play(cast: Cast, prepare: (fake: FakeLibc) => void = () => {}): Promise<[Result, FakeCall[]]> {
  let played: [Result, FakeCall[]] | undefined;
  await onFake(async (fake) => {
    prepare(fake);
    played = [await scenario(fake, cast), fake.log];
    fake.forget();
  }, { reuse: true, closesAtOnce: cast.apart });
  return played!;
}

/** Whether a rejection is due to what was made to fail. */
function blames(reason: unknown, errno: typeof ERRNOS[number]): boolean {
  if (!(reason instanceof SocketError)) return reason instanceof RangeError && /map/.test(reason.message);
  return reason.errno === (typeof errno === "number" ? errno : ERRNO[errno]);
}

/** What is wrong with a run in which one call has failed, if anything is. */
async function fault(cast: Cast, name: CallName, before: number, errno: typeof ERRNOS[number]): Promise<string[]> {
  try {
    const steps = [...new Array<null>(before).fill(null), errno];
    const [{ rejections, sent, received }] = await play(cast, (fake) => fake.fail(name, steps));
    if (rejections.length === 0 && received === sent) return [];
    if (rejections.some((reason) => blames(reason, errno))) return [];
    return [`${errno} at call ${before} of ${name}: ${received} bytes of ${sent}, ${rejections.join(", ")}`];
  } catch (error) {
    return [`${errno} at call ${before} of ${name}: ${(error as Error).message}`];
  }
}

for (const cast of CASTS) {
  test(`the scenario on ${cast.name} comes to its end whichever call fails, with whatever`, async () => {
    const [{ rejections, sent, received }, log] = await play(cast);
    assert.deepEqual([rejections, received], [[], sent]);
    const counts = new Map<CallName, number>();
    const faults: string[] = [];
    // By the name and not by the place among all calls: when a stream lets others have a turn is not the same each time.
    for (const { name } of log) {
      const before = counts.get(name) ?? 0;
      counts.set(name, before + 1);
      for (const errno of ERRNOS) faults.push(...await fault(cast, name, before, errno));
    }
    assert.ok(counts.size > 8, [...counts.keys()].join());
    assert.deepEqual(faults, []);
  });
}
