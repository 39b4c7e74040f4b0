/**
 * How long other work of a thread waits while its ends have as much to do as they can: `deno run -A bench/starve.ts`,
 * `bun bench/starve.ts`, `node bench/starve.ts`. Prints a row of a table for each workload: how many milliseconds late a timer of 1 ms
 * is, and what a request to an HTTP server of the same thread takes (50th and 99th percentile, and the largest).
 */

import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { socketpair } from "../mod.ts";
import {
  batches,
  clients,
  framed,
  type GoesOn,
  messages,
  parts,
  pumps,
  without,
  type Work,
} from "../tests/streams/_starve.ts";
import { RUNNING } from "./launch.ts";

/** Milliseconds for each workload, after those in which it makes its pairs and the engine compiles it. */
const TIME = Number(process.argv[2] ?? 2000);
const WARM_UP = 500;

const delay = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const byStreams: Work = async (goesOn) => {
  await using pair = socketpair();
  const [writer, reader] = [pair[0].writable.getWriter(), pair[1].readable.getReader()];
  const chunk = new Uint8Array(65_536);
  while (goesOn()) {
    const writing = writer.write(chunk);
    for (let came = 0; came < chunk.length;) came += (await reader.read()).value!.length;
    await writing;
  }
};

const gathered: Work = async (goesOn) => {
  await using pair = socketpair({ framing: "uint32le", chunks: "batches" });
  const reader = pair[1].readable.getReader();
  const record = new Uint8Array(64);
  while (goesOn()) {
    let last: Promise<unknown> | undefined;
    for (let index = 0; index < 4096; index += 1) last = pair[0].write(record);
    for (let came = 0; came < 4096;) came += (await reader.read()).value!.length;
    await last;
  }
};

const WORK: Record<string, Work> = {
  "5 ms of other work per turn": without,
  "one pump by calls": pumps(1, 1000),
  "one pump by streams": byStreams,
  "100 pumps by calls": pumps(100, 1000),
  "1,000 pumps by calls": pumps(1000, 1000),
  "framed records of 64 MiB": framed(new Uint8Array(64 * 2 ** 20)),
  "batches of 100,000 records": batches(100_000, 10),
  "batches of records of 64 KiB": batches(1000, 65_536),
  "gathered writes": gathered,
  "clients that come and go": clients,
  "messages with 253 descriptors": messages(253),
  "records of 10,000 parts": parts(10_000),
};

async function timer(goesOn: GoesOn): Promise<number[]> {
  const late: number[] = [];
  while (goesOn()) {
    const asked = performance.now();
    await delay(1);
    late.push(performance.now() - asked - 1);
  }
  return late;
}

async function requests(port: number, goesOn: GoesOn): Promise<number[]> {
  const took: number[] = [];
  while (goesOn()) {
    const asked = performance.now();
    await new Promise((resolve, reject) =>
      get({ port, host: "127.0.0.1" }, (answer) => answer.resume().on("end", resolve)).on("error", reject)
    );
    took.push(performance.now() - asked);
  }
  return took;
}

/** The 50th and the 99th percentile, and the largest. */
function told(values: number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  return [0.5, 0.99, 1].map((part) => sorted[Math.ceil(sorted.length * part) - 1]!.toFixed(1)).join(" | ");
}

const server = createServer((_request, answer) => void answer.end("x"));
await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
for (const [name, work] of Object.entries(WORK)) {
  let done = false;
  const working = work(() => !done);
  await delay(WARM_UP);
  const begin = performance.now();
  const goesOn = () => performance.now() < begin + TIME;
  const [late, took] = await Promise.all([timer(goesOn), requests(port, goesOn)]);
  done = true;
  await working;
  console.log(`| ${RUNNING} | ${name} | ${told(late)} | ${told(took)} |`);
}
process.exit();
