import { bytesOfView } from "../views.ts";

/** Refuses what is not a C int: a runtime would cut or wrap it silently. */
export function int(name: string, value: number): number {
  if (Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31) return value;
  throw new RangeError(`Cannot pass ${name} ${String(value)}: it is a 32-bit integer`);
}

/** The bytes of a view. Anything else would pass as an empty one. */
export function viewedBytes(name: string, view: ArrayBufferView): Uint8Array {
  if (ArrayBuffer.isView(view)) return bytesOfView(view, "use");
  throw new TypeError(`Cannot use ${name}: it is not an ArrayBufferView`);
}
