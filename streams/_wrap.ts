import type { AnyEnd } from "./any_end.ts";
import type { Connection } from "./_connection.ts";

let make: ((connection: Connection) => AnyEnd) | undefined;

/** Called once by the class, which alone can make its objects. */
export function provideWrap(wrap: (connection: Connection) => AnyEnd): void {
  make = wrap;
}

/** Makes an end. */
export function wrap(connection: Connection): AnyEnd {
  return make!(connection);
}
