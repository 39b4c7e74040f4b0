let last = 0;
let promise: Promise<number> = Promise.resolve(last);

/** A promise that has resolved to a number; for the same number as the last time the same one, which costs nothing. */
export function resolved(value: number): Promise<number> {
  if (value === last) return promise;
  last = value;
  return promise = Promise.resolve(value);
}

/** A promise that is settled from outside. A signal may reject it first, once `takeBack` has taken back what it waits for. */
export function abortable<T>(signal: AbortSignal | undefined, takeBack: () => void): PromiseWithResolvers<T> {
  const pending = Promise.withResolvers<T>();
  if (signal === undefined) return pending;
  const abort = (): void => {
    pending.reject(signal.reason);
    takeBack();
  };
  const forget = (): void => signal.removeEventListener("abort", abort);
  signal.addEventListener("abort", abort);
  pending.promise.then(forget, forget);
  return pending;
}
