/** In Deno a getter, whose first use loads a part of Node's modules. That takes 10 ms, so it is asked when a timer is needed. */
const taken = Object.getOwnPropertyDescriptor(globalThis, "setTimeout");

/** Calls back after some milliseconds, by the runtime's own timer: tests may put another one on `globalThis`. */
export function later(milliseconds: number, callback: () => void): void {
  const own: typeof setTimeout = taken!.value ?? taken!.get!.call(globalThis);
  own(callback, milliseconds);
}
