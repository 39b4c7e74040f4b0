/** Who is to be called back when a signal is aborted, and the one listener for all of them. */
interface Listening {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** A runtime's own list of listeners costs the more per entry the longer it is. */
const listening = new WeakMap<AbortSignal, Listening>();

/**
 * Calls back once when a signal is aborted.
 *
 * @returns Takes that back
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, listener } = listening.get(signal) ?? listen(signal, callback);
  callbacks.add(callback);
  return () => {
    if (callbacks.delete(callback) && callbacks.size === 0) forget(signal, listener);
  };
}

function listen(signal: AbortSignal, first: () => void): Listening {
  const callbacks = new Set([first]);
  // Not by `this`: an object that only passes a signal's methods on is a signal, too.
  const listener = (): void => {
    forget(signal, listener);
    const all = [...callbacks];
    callbacks.clear();
    for (const callback of all) callback();
  };
  const it = { callbacks, listener };
  listening.set(signal, it);
  signal.addEventListener("abort", listener);
  return it;
}

function forget(signal: AbortSignal, listener: () => void): void {
  listening.delete(signal);
  signal.removeEventListener("abort", listener);
}

/** Why a signal was aborted. No listener of ours throws, whatever a signal's own getter does. */
export function abortReason(signal: AbortSignal): unknown {
  try {
    return signal.reason;
  } catch (error) {
    return error;
  }
}
