const { setTimeout } = globalThis;

/** Calls back after some milliseconds, by the runtime's own timer: tests may put another one on `globalThis`. */
export function later(milliseconds: number, callback: () => void): void {
  setTimeout(callback, milliseconds);
}
