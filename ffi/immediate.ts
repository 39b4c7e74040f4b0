/**
 * Calls back once this turn of the event loop is over: the standard has no such function, all three runtimes have this
 * one.
 */
export const immediate: (callback: () => void) => unknown =
  (globalThis as unknown as { setImmediate: (callback: () => void) => unknown }).setImmediate;
