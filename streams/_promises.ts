import { abortReason, onAbort } from "./signals.ts";

let last = 0;
let promise: Promise<number> = Promise.resolve(last);

/** A promise that has resolved to a number; for the same number as the last time the same one, which costs nothing. */
export function resolved(value: number): Promise<number> {
  if (value === last) return promise;
  last = value;
  return promise = Promise.resolve(value);
}

/** Lets a signal reject what is pending, and take back what it waits for. At once, if code of the caller's has aborted it meanwhile. */
export function rejectOnAbort(
  { promise, reject }: Pick<PromiseWithResolvers<unknown>, "promise" | "reject">,
  signal: AbortSignal | undefined,
  takeBack: () => void,
): void {
  if (signal === undefined) return;
  const abort = (): void => {
    reject(abortReason(signal));
    takeBack();
  };
  if (signal.aborted) return abort();
  const forget = onAbort(signal, abort);
  promise.then(forget, forget);
}
