/** Which faults there are to try on which system calls of the module, and what each may lead to. */

import process from "node:process";
import { musl, runtime } from "../../_support.ts";
import type { Injection } from "./strace.ts";

/**
 * - `"nothing"`: it is waited for, or tried again
 * - `"failure"`: those who need the call are told the code, and so is `closed`
 * - `"either"`: one of these two: what cannot wait is tried once more, and what has come meanwhile needs no waiting
 * - `"missing"`: a short count that is not true loses that one byte of a stream, and nothing else
 * - `"extra"`: likewise one byte more
 * - `"left"`: the descriptor is lost, for close() is never tried again
 */
export type Effect = "nothing" | "failure" | "either" | "missing" | "extra" | "left";

/** A fault of one call. */
export interface Fault {
  readonly call: Injection["call"];
  readonly what: string;
  readonly effect: Effect;
  /** Which calls fail, as strace writes it. */
  readonly whens: readonly string[];
  readonly kinds: readonly string[];
  readonly hows: readonly string[];
  /** Whether the thread that waits makes the call. */
  readonly elsewhere: boolean;
}

const KINDS = ["stream", "framed", "seqpacket", "dgram", "messages", "batches"];
/** For calls that do not depend on what is carried. */
const FEW = ["framed", "seqpacket", "dgram"];
const HOWS = ["local", "kernel"];
/** The first, one in the middle, and many. */
const OFTEN = ["1", "7", "3+5"];

function faults(
  call: Fault["call"],
  effects: Partial<Record<Effect, readonly string[]>>,
  limits: Partial<Pick<Fault, "whens" | "kinds" | "hows" | "elsewhere">> = {},
): Fault[] {
  const { whens = OFTEN, kinds = KINDS, hows = HOWS, elsewhere = false } = limits;
  return (Object.keys(effects) as Effect[]).flatMap((effect) =>
    effects[effect]!.map((what) => ({
      ...{ call, effect, whens, kinds, hows, elsewhere },
      what: what.startsWith("E") ? `error=${what}` : what,
    }))
  );
}

/** Node waits in its own loop, except on other threads. */
const WAITS = runtime === "node" ? ["worker"] : ["kernel"];
const MEMORY = ["ENOBUFS", "ENOMEM"];
const TABLES = ["EMFILE", "ENFILE", "ENOMEM"];

/** Batches on record sockets have calls of their own. */
const SINGLY = KINDS.filter((kind) => kind !== "batches");
const BATCHES = { kinds: ["batches"], whens: ["1", "7"] };

/** All of them, for this runtime. A reset that a receipt meets is news of the sending direction: the reader goes on. */
export const FAULTS: readonly Fault[] = [
  ...faults("sendmsg", { nothing: ["EINTR", "EAGAIN"], failure: [...MEMORY, "ECONNRESET", "EPIPE"] }, {
    kinds: SINGLY,
  }),
  ...faults("sendmmsg", { nothing: ["EINTR", "EAGAIN"], failure: [...MEMORY, "ECONNRESET", "EPIPE"] }, BATCHES),
  ...faults("sendmsg", { missing: ["retval=1"] }, { kinds: ["stream"] }),
  ...faults("recvmsg", { nothing: ["EINTR", "EAGAIN", "ECONNRESET"], failure: MEMORY }, { kinds: SINGLY }),
  ...faults("recvmmsg", { nothing: ["EINTR", "EAGAIN", "ECONNRESET"], failure: MEMORY }, BATCHES),
  ...faults("recvmsg", { extra: ["retval=1"] }, { kinds: ["stream"] }),
  ...faults("socketpair", { nothing: ["EINTR"], failure: [...TABLES, "ENOBUFS"] }, { whens: ["1"], kinds: FEW }),
  ...faults("getsockopt", { nothing: ["EINTR"], failure: MEMORY }, {
    ...{ whens: ["1", "2", "3", "4"], kinds: FEW, hows: ["kernel"] },
  }),
  ...faults("fcntl", { nothing: ["EINTR"], failure: ["ENOMEM"] }, { whens: ["1", "2"], kinds: FEW, hows: ["kernel"] }),
  ...faults("setsockopt", { nothing: ["EINTR"], failure: MEMORY }, { whens: ["1"], kinds: KINDS.slice(2) }),
  ...faults("epoll_create1", { nothing: ["EINTR"], either: TABLES }, { whens: ["1"], kinds: FEW, hows: ["kernel"] }),
  ...faults("eventfd2", { either: TABLES }, { whens: ["1"], kinds: FEW, hows: WAITS }),
  // In Node the first two are libuv's as it begins; if a later one of libuv's fails, that ends the process.
  ...faults("epoll_ctl", { nothing: ["EINTR"] }, { whens: runtime === "node" ? ["3", "4"] : OFTEN, hows: ["kernel"] }),
  ...faults("epoll_ctl", { either: ["ENOMEM", "ENOSPC"] }, {
    ...{ whens: runtime === "node" ? ["1", "3", "4"] : OFTEN, hows: ["kernel"] },
  }),
  // What is found may also be fetched later.
  ...faults("epoll_wait", { nothing: ["EINTR", "retval=0"] }, { whens: [...OFTEN, "1+2"], hows: ["kernel"] }),
  ...faults("poll", { nothing: ["EINTR"] }, { whens: ["1", "2", "1+2"], kinds: FEW, hows: WAITS, elsewhere: true }),
  ...faults("poll", { nothing: ["ENOMEM"] }, {
    ...{ whens: ["1", "2", "1+2", "1+1"], kinds: FEW, hows: WAITS, elsewhere: true },
  }),
  ...faults("shutdown", { nothing: ["EINTR"], failure: [...MEMORY, "ENOTCONN"] }, { whens: ["1", "2"], kinds: FEW }),
  ...faults("close", { left: ["EINTR"] }, { whens: ["1", "2", "3", "4", "1+1"], kinds: FEW }),
  // Deno panics if a directory cannot be closed, and what the script closes later is one.
  ...faults("close", { left: ["EIO"] }, { whens: ["1", "2"], kinds: FEW }),
];

/** What every run of the suite tries; a fault for `"waits"` goes where this runtime has a thread that waits. */
export const SAMPLE: readonly Injection[] = ([
  ["sendmsg", "error=EINTR", "seqpacket", "kernel", "3+5"],
  ["sendmsg", "error=EAGAIN", "stream", "kernel", "3+5"],
  ["sendmmsg", "error=ENOBUFS", "batches", "local", "7"],
  ["sendmsg", "error=EPIPE", "framed", "kernel", "1"],
  ["sendmsg", "retval=1", "stream", "kernel", "3+5"],
  ["recvmsg", "error=EINTR", "framed", "local", "3+5"],
  ["recvmsg", "error=EAGAIN", "dgram", "kernel", "3+5"],
  ["recvmsg", "error=ECONNRESET", "stream", "kernel", "7"],
  ["recvmsg", "error=ENOMEM", "messages", "kernel", "7"],
  ["recvmmsg", "error=ECONNRESET", "batches", "kernel", "7"],
  ["socketpair", "error=EMFILE", "dgram", "local", "1"],
  ["getsockopt", "error=ENOBUFS", "dgram", "kernel", "3"],
  ["epoll_create1", "error=EMFILE", "seqpacket", "kernel", "1"],
  ["epoll_ctl", "error=ENOMEM", "seqpacket", "kernel", "3"],
  ["epoll_wait", "error=EINTR", "seqpacket", "kernel", "1+2"],
  ["eventfd2", "error=EMFILE", "framed", "waits", "1"],
  ["poll", "error=EINTR", "dgram", "waits", "1+2"],
  ["shutdown", "error=ENOMEM", "framed", "local", "1"],
  ["close", "error=EINTR", "seqpacket", "kernel", "1"],
] as const).map(([call, what, kind, how, when]) => ({
  ...{ call, what, kind, when },
  how: how === "waits" ? WAITS[0]! : how,
}));

/** Why a call cannot be made to fail here by its name, or false. */
export function otherName(call: string): string | false {
  if (process.arch !== "x64") return "the calls are named as on x86-64";
  // Its sendmmsg is sendmsg in a loop, its epoll_wait is epoll_pwait.
  return musl && (call === "sendmmsg" || call === "epoll_wait") && "musl makes other calls for it";
}
