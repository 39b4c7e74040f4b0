/** For tests: a folder for sockets, and what they carry. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { SocketEnd, SocketError } from "../../mod.ts";
import { assert } from "../_support.ts";

// Of all files that run in one process: a hook of the first one would take it away from the others.
const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** A path that nothing has. */
export function freshPath(name = "socket"): string {
  return join(folder, `${count += 1}-${name}`);
}

/** What a call rejects with, or a function throws. */
export async function thrownBy(act: () => unknown): Promise<Error & Partial<SocketError>> {
  try {
    await act();
  } catch (error) {
    return error as Error;
  }
  throw new assert.AssertionError({ message: "nothing was thrown" });
}

/** The next that an end reads by its call, as text; null at the end. */
export async function read(end: SocketEnd, size = 100_000): Promise<string | null> {
  const buffer = new Uint8Array(size);
  const length = await end.read(buffer);
  return length === null ? null : new TextDecoder().decode(buffer.subarray(0, length));
}

/** Writes a text by the call. */
export function write(end: SocketEnd, text: string): Promise<number> {
  return end.write(new TextEncoder().encode(text));
}
