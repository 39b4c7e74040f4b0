/** Who is to be called back when a signal is aborted. A runtime's own list of listeners costs the more per entry the longer it is. */
const listening = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back once when a signal is aborted.
 *
 * @returns Takes that back
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const known = listening.get(signal);
  const callbacks = known ?? new Set();
  callbacks.add(callback);
  if (known === undefined) {
    listening.set(signal, callbacks);
    signal.addEventListener("abort", tellAll);
  }
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return;
    listening.delete(signal);
    signal.removeEventListener("abort", tellAll);
  };
}

function tellAll(this: AbortSignal): void {
  const callbacks = listening.get(this);
  listening.delete(this);
  this.removeEventListener("abort", tellAll);
  // Nothing is left to take back.
  const all = [...callbacks ?? []];
  callbacks?.clear();
  for (const callback of all) callback();
}

/** Why a signal was aborted. No listener of ours throws, whatever a signal's own getter does. */
export function abortReason(signal: AbortSignal): unknown {
  try {
    return signal.reason;
  } catch (error) {
    return error;
  }
}
