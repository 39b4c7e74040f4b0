/** What is to become of the calls to a fake C library. */

import type { Calls } from "../../ffi/symbols.ts";
import type { ERRNO } from "../../ffi/systems/linux.ts";

/** What can be made to fail. */
export type CallName = keyof Calls | "recvmsg" | "sendmsg" | "recvmmsg" | "sendmmsg" | "createWaiter";
/** An errno by name or number. */
export type Code = keyof typeof ERRNO | number;
/**
 * What becomes of one call: it fails; on a stream it moves no more than so many bytes, and of many records no more than so
 * many; something else happens just before it; `null`: nothing out of the ordinary.
 */
export type Step = Code | { readonly short: number } | (() => void) | null;

/** Steps by the name of the call, one a call. */
export class FakeScript {
  readonly #steps = new Map<CallName, Step[]>();

  add(name: CallName, steps: readonly Step[]): void {
    this.#steps.set(name, [...this.#steps.get(name) ?? [], ...steps]);
  }

  next(name: CallName): Step {
    return this.#steps.get(name)?.shift() ?? null;
  }

  /** Drops what is left. Returns how much that was. */
  clear(): number {
    const left = [...this.#steps.values()].reduce((sum, steps) => sum + steps.length, 0);
    this.#steps.clear();
    return left;
  }
}
