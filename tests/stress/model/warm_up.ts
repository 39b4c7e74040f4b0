/**
 * Has a runtime open what it opens once and keeps, before anything is counted: what its waiting threads have (in Bun always, in
 * Deno for ends that do not keep the process alive), and Deno's socket pair for signals, which would else come half a second
 * after the start.
 */

import process from "node:process";
import { socketpair } from "../../../mod.ts";
import { close, write } from "../../../ffi/mod.ts";

const ignore = (): void => {};
process.on("SIGUSR2", ignore);
process.off("SIGUSR2", ignore);

for (const how of ["ref", "unref"] as const) {
  // Without trying again, which is done more often one time than another: some count the calls that come before theirs.
  const [waits, other] = socketpair({ busyPoll: 0 });
  const { fd } = other.detach();
  waits[how]();
  const read = waits.readable.getReader().read();
  const timer = setTimeout(() => write(fd, new Uint8Array(1)), 10);
  // Holds the process open, which the end of the second turn does not.
  const interval = setInterval(ignore, 1000);
  await read;
  clearInterval(interval);
  clearTimeout(timer);
  close(fd);
  await waits.close();
}
