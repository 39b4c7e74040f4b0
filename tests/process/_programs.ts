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

/** Python as systemd: gives sockets from 3 on, and says so in the environment. */
export const LAUNCHER: string = `
import os, socket, sys
pid, count, names, program = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
pairs = [socket.socketpair() for _ in range(count)]
for index, (theirs, ours) in enumerate(pairs):
    os.dup2(os.dup(theirs.fileno()), 50 + index)
for index in range(count):
    os.dup2(50 + index, 3 + index)
    os.close(50 + index)
os.environ.update(LISTEN_FDS=str(count), LISTEN_PID=str(os.getpid()) if pid == "own" else pid)
if names: os.environ["LISTEN_FDNAMES"] = names
os.execvp(program[0], program)
`;

/** It watches its output for the end of the reader, which Python takes for readable. */
export const WATCHES_ITS_OUTPUT: string = `
import asyncio, sys
async def main():
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    for word in [b"one ", b"two"]:
        await asyncio.sleep(0.05)
        if transport.is_closing(): sys.exit(3)
        writer.write(word)
    writer.close()
asyncio.run(main())
`;

/** An environment of this process's PATH and these variables. */
export function bare(variables: Record<string, string | undefined> = {}): Record<string, string | undefined> {
  return { PATH: process.env["PATH"], ...variables };
}
