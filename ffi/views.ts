/**
 * What memory a caller's object stands for. What the object says itself is not believed: a subclass may say anything. The
 * engine's own getters are asked, which no caller can replace once this module is loaded.
 *
 * @module
 */

function getter<T>(prototype: object, name: PropertyKey): (value: unknown) => T {
  // An older Node, which has not all of them, is told so by the first call, not by the import.
  const { get } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
  return (value) => get!.call(value) as T;
}

const TypedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
const { copyWithin } = TypedArray;
/** The class of a typed array, and undefined for any other value. */
export const kindOfTyped: (value: unknown) => string | undefined = getter<string | undefined>(
  TypedArray,
  Symbol.toStringTag,
);
const ofTyped = {
  buffer: getter<ArrayBufferLike>(TypedArray, "buffer"),
  offset: getter<number>(TypedArray, "byteOffset"),
  length: getter<number>(TypedArray, "byteLength"),
};
const elementsOf = getter<number>(TypedArray, "length");
const ofDataView = {
  buffer: getter<ArrayBufferLike>(DataView.prototype, "buffer"),
  offset: getter<number>(DataView.prototype, "byteOffset"),
  length: getter<number>(DataView.prototype, "byteLength"),
};
/** Captured, as the getters are. It runs no code of the caller's: `instanceof` may, of a view whose prototype is a proxy. */
const { isView } = ArrayBuffer;
/** They throw for anything but a buffer, of whatever realm. */
const lengthOfBuffer = getter<number>(ArrayBuffer.prototype, "byteLength");
const wasDetached = getter<boolean>(ArrayBuffer.prototype, "detached");
const isResizable = getter<boolean>(ArrayBuffer.prototype, "resizable");
const lengthOfShared = getter<number>(SharedArrayBuffer.prototype, "byteLength");

/** The number of bytes of a typed array. */
export const byteLengthOf: (view: Uint8Array) => number = ofTyped.length;

/** Shared memory that was met: an exception each time costs as much as what is sent. */
const shared = new WeakSet<ArrayBufferLike>();

/** Whether the memory of a typed array is sure to keep its size. Shared memory never is: another thread may let it grow. */
export function isFixed(view: Uint8Array): boolean {
  const buffer = ofTyped.buffer(view);
  if (shared.has(buffer)) return false;
  try {
    return !isResizable(buffer);
  } catch {
    shared.add(buffer);
    return false;
  }
}

/** What is empty from the beginning. Any other view of ours that is empty has lost its memory. */
export const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * The bytes of a view as a view of ours, without copying: of fixed length, and of no class of the caller's.
 *
 * @param act What is to be done with them, for the error
 * @throws {TypeError} If it is detached, or out of its buffer's bounds
 */
export function bytesOfView(view: ArrayBufferView, act: string): Uint8Array {
  const { buffer, offset, length } = kindOfTyped(view) === undefined ? ofDataView : ofTyped;
  try {
    const byteLength = length(view);
    if (byteLength > 0) return new Uint8Array(buffer(view), offset(view), byteLength);
    // A typed array that is detached or out of bounds has no length and no offset, and its methods throw: keys() too, but not always
    // in Bun.
    if (length === ofTyped.length) copyWithin.call(view as Uint8Array, 0, 0, 0);
    return EMPTY;
  } catch {
    const what = isDetached(buffer(view)) ? "its buffer is detached" : "it is out of its buffer's bounds";
    throw new TypeError(`Cannot ${act} a view: ${what}`);
  }
}

const { getPrototypeOf, hasOwn } = Object;
/** The most bytes for which it pays to look whether a view is plain. */
const PLAIN_MAX = 64 * 1024;

/**
 * The caller's own view, if it is a Uint8Array whose `byteLength`, `buffer` and `set()` are the engine's: nothing else is to be used
 * of it. That holds until code of the caller's runs again, so it is for what is done at once. Undefined for any other value, and for
 * what is so large that a view of ours costs nothing beside it.
 *
 * A small view may lie in the collected heap, and to ask for its buffer moves it out: that costs more than all else.
 */
export function plainBytes(value: unknown): Uint8Array | undefined {
  const length = lengthOfBytes(value);
  if (length === undefined || length === 0 || length > PLAIN_MAX) return undefined;
  const view = value as Uint8Array;
  if (getPrototypeOf(view) !== Uint8Array.prototype) return undefined;
  return hasOwn(view, "byteLength") || hasOwn(view, "buffer") || hasOwn(view, "set") ? undefined : view;
}

/**
 * The bytes of a buffer, without copying; undefined if the value is no buffer.
 *
 * @param act What is to be done with them, for the error
 * @throws {TypeError} If it is detached
 */
export function bytesOfBuffer(value: unknown, act: string): Uint8Array | undefined {
  const length = answer(lengthOfBuffer, value) ?? answer(lengthOfShared, value);
  if (length === undefined) return undefined;
  const buffer = value as ArrayBufferLike;
  if (length > 0) return new Uint8Array(buffer, 0, length);
  if (isDetached(buffer)) throw new TypeError(`Cannot ${act} a buffer: it is detached`);
  return EMPTY;
}

/**
 * The length of a view of one byte per element (Uint8Array, Int8Array, Uint8ClampedArray), whatever it says itself; undefined for any
 * other value. Which of them it is, is not asked: that takes longer than all else, and their bytes are copied in the same way.
 */
export function lengthOfBytes(value: unknown): number | undefined {
  if (!isView(value)) return undefined;
  try {
    const length = ofTyped.length(value);
    return elementsOf(value) === length ? length : undefined;
  } catch {
    // A DataView.
    return undefined;
  }
}

/** Whether a value is a SharedArrayBuffer, of whatever realm. */
export function isSharedBuffer(value: unknown): value is SharedArrayBuffer {
  return answer(lengthOfShared, value) !== undefined;
}

/** How many bytes an element of a view has; 1 for what has no elements. */
export function sizeOfElement(view: unknown): number {
  try {
    return ofTyped.length(view) / elementsOf(view);
  } catch {
    return 1;
  }
}

/** Whether the memory of a view has gone elsewhere. */
export function isTaken(view: unknown): boolean {
  if (!isView(view)) return false;
  return isDetached((kindOfTyped(view) === undefined ? ofDataView : ofTyped).buffer(view));
}

function isDetached(buffer: unknown): boolean {
  try {
    return wasDetached(buffer);
  } catch {
    // Shared memory never is.
    return false;
  }
}

/** What a getter says of a value; undefined if the value is none of its class. */
function answer(get: (value: unknown) => number, value: unknown): number | undefined {
  try {
    return get(value);
  } catch {
    return undefined;
  }
}
