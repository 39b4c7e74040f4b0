import { SocketError } from "../errors.ts";
import type { Host, Waiter } from "./contract.ts";
import { globalProcess } from "./_builtin.ts";
import type { NodeFfi, NodeSignature } from "./_types.ts";

const P = "pointer";
const DEFINITIONS: Readonly<Record<string, NodeSignature>> = {
  // size_t uv_handle_size(uv_handle_type type);
  uv_handle_size: { arguments: ["i32"], return: "i32" },
  // int uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int fd);
  uv_poll_init: { arguments: [P, P, "i32"], return: "i32" },
  // int uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb cb);
  uv_poll_start: { arguments: [P, "i32", P], return: "i32" },
  // int uv_poll_stop(uv_poll_t *handle);
  uv_poll_stop: { arguments: [P], return: "i32" },
  // void uv_close(uv_handle_t *handle, uv_close_cb close_cb);
  uv_close: { arguments: [P, P], return: "void" },
  // void uv_ref(uv_handle_t *handle);
  uv_ref: { arguments: [P], return: "void" },
  // void uv_unref(uv_handle_t *handle);
  uv_unref: { arguments: [P], return: "void" },
  // void *calloc(size_t count, size_t size);
  calloc: { arguments: ["u64", "u64"], return: P },
};

/** libuv's public API, which the node binary exports. */
interface Uv {
  uv_handle_size(type: number): number;
  uv_poll_init(loop: bigint, handle: bigint, fd: number): number;
  uv_poll_start(handle: bigint, events: number, callback: bigint): number;
  uv_poll_stop(handle: bigint): number;
  uv_close(handle: bigint, callback: bigint): void;
  uv_ref(handle: bigint): void;
  uv_unref(handle: bigint): void;
  calloc(count: bigint, size: bigint): bigint;
}

/** `UV_POLL` of uv_handle_type, `UV_READABLE` of uv_poll_event. */
const UV_POLL = 8;
const UV_READABLE = 1;

interface Shared {
  readonly uv: Uv;
  /** The callback for events. */
  readonly onEvent: bigint;
}

let shared: Shared | undefined;
const waiters = new Map<bigint, UvWaiter>();
/** libuv looks at a handle until the turn of the loop is over in which it was closed; then the next waiter may have it. */
const freeHandles: bigint[] = [];

/** One callback for all, made once: one that is unregistered while libuv may yet call it would be called into nothing. */
function share(ffi: NodeFfi): Shared {
  const { lib, functions } = ffi.dlopen(null, DEFINITIONS);
  const onEvent = lib.registerCallback(
    { arguments: ["u64", "i32", "i32"], return: "void" },
    (handle) => waiters.get(handle)?.onEvent(),
  );
  // Node lets the loop turn once more on its way out. A callback that came then would abort the process.
  globalProcess()!.on("exit", () => waiters.forEach((waiter) => waiter.stop()));
  return { uv: functions as unknown as Uv, onEvent };
}

/** Waits in Node's own loop, with no thread. Main thread only: see `node.ts`. */
export class UvWaiter implements Waiter {
  readonly #uv: Uv;
  readonly #handle: bigint;
  readonly #shared: Shared;
  readonly #ready: () => void;
  readonly #immediate: Host["immediate"];
  #wanted = false;
  #polls = false;
  #holds = true;

  constructor(ffi: NodeFfi, immediate: Host["immediate"], fd: number, ready: () => void) {
    this.#immediate = immediate;
    this.#shared = shared ??= share(ffi);
    this.#uv = this.#shared.uv;
    this.#ready = ready;
    this.#handle = freeHandles.pop() ?? this.#uv.calloc(1n, BigInt(this.#uv.uv_handle_size(UV_POLL)));
    const result = this.#uv.uv_poll_init(ffi.getCurrentEventLoop(), this.#handle, fd);
    if (result !== 0) {
      // libuv aborts the process if it is asked to start a handle that it has not made.
      freeHandles.push(this.#handle);
      throw new SocketError("Cannot wait for the socket", -result, "uv_poll_init");
    }
    waiters.set(this.#handle, this);
  }

  arm(keepAlive: boolean): void {
    this.#wanted = true;
    this.#hold(keepAlive);
    if (this.#polls) return;
    this.#polls = true;
    this.#uv.uv_poll_start(this.#handle, UV_READABLE, this.#shared.onEvent);
  }

  disarm(): void {
    this.#wanted = false;
    this.#hold(false);
  }

  close(done: () => void): void {
    this.#wanted = false;
    waiters.delete(this.#handle);
    this.#uv.uv_close(this.#handle, 0n);
    const immediate = this.#immediate;
    immediate(() => immediate(() => freeHandles.push(this.#handle)));
    done();
  }

  /** For good. */
  stop(): void {
    this.disarm();
    this.#polls = true;
    this.#uv.uv_poll_stop(this.#handle);
  }

  /**
   * What libuv calls. A throw here would abort the process, and microtasks do not run after it: so everything else
   * happens in an immediate, which runs in this same turn of the loop.
   */
  onEvent(): void {
    if (this.#wanted) {
      this.#immediate(this.#deliver);
      return;
    }
    this.#polls = false;
    this.#uv.uv_poll_stop(this.#handle);
  }

  readonly #deliver = (): void => {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#ready();
    if (!this.#wanted) this.#hold(false);
  };

  #hold(alive: boolean): void {
    if (alive === this.#holds) return;
    this.#holds = alive;
    if (alive) this.#uv.uv_ref(this.#handle);
    else this.#uv.uv_unref(this.#handle);
  }
}
