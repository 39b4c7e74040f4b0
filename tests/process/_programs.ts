/** For tests: what programs say, and how they end. */

import process from "node:process";
import { type SocketEnd, type SocketPair, socketpair } from "../../mod.ts";
import { type ChildProcess, type Command, pipeline, type PipelineOptions } from "../../process/mod.ts";
import { assert } from "../_support.ts";
import "../children/_warm_up.ts";
import { type End, outcomes } from "../peers/_pipeline.ts";
import { bytes, text, textOf } from "../peers/_text.ts";

/** What a child prints until it closes its standard output. */
export async function printedBy(child: ChildProcess): Promise<string> {
  let printed = "";
  const closed = new Promise((resolve) => child.on("close", resolve));
  child.stdout!.setEncoding("utf8").on("data", (part) => printed += part);
  await closed;
  return printed;
}

/** What the last program of a pipeline prints, and how all of them ended. */
export async function runs(commands: Command[], options: PipelineOptions = {}): Promise<[string, ...End[]]> {
  const [ours, theirs] = socketpair();
  const joined = pipeline(...commands, { ...options, stdout: theirs });
  const printed = await textOf(ours.readable);
  const ends = await outcomes(joined);
  await ours.close();
  return [printed, ...ends];
}

/** Both directions of a pair work. */
export async function works([left, right]: SocketPair | readonly [SocketEnd, SocketEnd]): Promise<void> {
  for (const [from, to] of [[left, right], [right, left]] as const) {
    const writer = from.writable.getWriter();
    const reader = to.readable.getReader();
    await writer.write(bytes("still here"));
    assert.equal(text((await reader.read()).value), "still here");
    writer.releaseLock();
    reader.releaseLock();
  }
}

/** An environment of this process's PATH and these variables. */
export function bare(variables: Record<string, string | undefined> = {}): Record<string, string | undefined> {
  return { PATH: process.env["PATH"], ...variables };
}
