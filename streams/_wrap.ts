import type { AnyEnd } from "./any_end.ts";
import type { Connection } from "./_connection.ts";

let make: ((connection: Connection) => AnyEnd) | undefined;

/** Called once by the class, whose constructor is for this module alone. */
export function provideMaker(provided: (connection: Connection) => AnyEnd): void {
  make = provided;
}

/** Makes an end. */
export function wrap(connection: Connection): AnyEnd {
  return make!(connection);
}
