import { stdioOf } from "../_support.ts";
/**
 * Starts programs when no more descriptors can be opened than the second argument says; the first is RLIMIT_NOFILE. Prints
 * what goes wrong with a program, and with a pipeline of four.
 */

import { deepEqual } from "node:assert/strict";
import process from "node:process";
import { socketpair } from "../../mod.ts";
import { pipeline, spawn } from "../../process/mod.ts";
import { close } from "../../ffi/mod.ts";
import { fillUp, openNumbers } from "../stress/faults/_raw.ts";
import { endOf } from "./_child.ts";

const [limit, free] = process.argv.slice(2).map(Number) as [number, number];

/** Takes all descriptors but so many. Gives them back at the end of the block. */
function filled(): Disposable {
  const filling = fillUp();
  for (let index = 0; index < free; index += 1) close(filling.pop()!);
  return { [Symbol.dispose]: () => filling.forEach(close) };
}

async function runOne(): Promise<unknown> {
  const [ours, theirs] = socketpair();
  using _ = filled();
  const before = openNumbers(limit);
  try {
    return await endOf(spawn("true", [], { stdio: stdioOf({ 0: theirs, 3: theirs }) }));
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    if (theirs.fd !== -1) deepEqual(openNumbers(limit), before);
    ours[Symbol.dispose]();
    theirs[Symbol.dispose]();
  }
}

async function runMany(): Promise<unknown> {
  using _ = filled();
  const before = openNumbers(limit);
  try {
    const { statuses } = pipeline(["true"], ["true"], ["true"], ["true"]);
    return (await statuses).map(({ code, error }) => code ?? (error as { code?: string }).code).join();
  } catch (error) {
    deepEqual(openNumbers(limit), before);
    return (error as { code?: string }).code;
  }
}

// Everything is loaded before descriptors run out.
await endOf(spawn("true", [], { stdio: stdioOf({}) }));
await pipeline(["true"], ["true"]).statuses;
openNumbers(limit);
console.log(`${await runOne()} ${await runMany()}`);
