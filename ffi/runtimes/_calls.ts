import { type Calls, type CSignature, FIRST, MESSAGE_SYMBOLS, type SymbolName, SYMBOLS } from "../symbols.ts";

/** A C function. `V` is how the runtime takes a number; for an adapter's own it is a number. */
export type Native<V> = (...values: V[]) => number;

/** `errno` of this thread. */
export interface LastError {
  /** The memory where the C library writes it, or a copy of that. */
  readonly view: Int32Array;
  /** Brings the copy up to date, where memory of the C library may not be shown. */
  readonly refresh?: (() => void) | undefined;
  /** As the last failed call left it. */
  value: number;
}

/** Each function's signature. */
export const SIGNATURES: Readonly<Record<SymbolName, CSignature>> = { ...SYMBOLS, ...MESSAGE_SYMBOLS };

/** Looks up together what a first record needs. Any other function is looked up when it is asked for, which happens once. */
export function lazySymbols<F>(open: (names: readonly SymbolName[]) => Record<string, F>): (name: SymbolName) => F {
  const first = open([...FIRST]);
  return (name) => FIRST.has(name) ? first[name]! : open([name])[name]!;
}

/** All calls. The rare ones are made at their first use. */
export function makeCalls(make: (name: SymbolName, signature: CSignature) => Native<number>): Calls {
  const calls: Partial<Record<SymbolName, Native<number>>> = {};
  for (const name of Object.keys(SIGNATURES) as SymbolName[]) {
    let made: Native<number> | undefined;
    const get = () => made ??= make(name, SIGNATURES[name]);
    if (FIRST.has(name)) calls[name] = get();
    else Object.defineProperty(calls, name, { get, enumerable: true });
  }
  return calls as Calls;
}

/** Keeps the last number and what it was converted to: an address or flags hardly ever change. */
export function remembered<V>(convert: (value: number) => V): (value: number) => V {
  let known = NaN;
  let converted: V;
  return (value) => value === known ? converted : converted = convert(known = value);
}

/**
 * A C function that takes numbers, and keeps errno when it fails. Nothing comes between the call and the reading of errno: even
 * a return from one more function lets the engine make system calls of its own. Hence one form per number of parameters.
 *
 * @param to Converts each argument to what the runtime takes
 */
export function checkingErrno<V>(
  call: Native<V>,
  to: readonly ((value: number) => V)[],
  last: LastError,
): Native<number> {
  const { view, refresh } = last;
  const [p, q, r, s, t, u] = to;
  // deno-fmt-ignore
  switch (to.length) {
    case 0: return () => { const it = call(); if (it === -1) { refresh?.(); last.value = view[0]!; } return it; };
    case 1: return (a) => { const it = call(p!(a)); if (it === -1) { refresh?.(); last.value = view[0]!; } return it; };
    case 2: return (a, b) => { const it = call(p!(a), q!(b)); if (it === -1) { refresh?.(); last.value = view[0]!; } return it; };
    case 3: return (a, b, c) => { const it = call(p!(a), q!(b), r!(c)); if (it === -1) { refresh?.(); last.value = view[0]!; } return it; };
    case 4: return (a, b, c, d) => { const it = call(p!(a), q!(b), r!(c), s!(d)); if (it === -1) { refresh?.(); last.value = view[0]!; } return it; };
    case 5: return (a, b, c, d, e) => { const it = call(p!(a), q!(b), r!(c), s!(d), t!(e)); if (it === -1) { refresh?.(); last.value = view[0]!; } return it; };
    default: return (a, b, c, d, e, f) => { const it = call(p!(a), q!(b), r!(c), s!(d), t!(e), u!(f)); if (it === -1) { refresh?.(); last.value = view[0]!; } return it; };
  }
}
