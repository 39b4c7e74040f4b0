/**
 * A pipeline with a bar: the bytes go through this process once, and are counted on their way.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/recipes/progress.ts
 *   bun examples/recipes/progress.ts
 *   node examples/recipes/progress.ts
 */

import process from "node:process";
import { pipeline } from "@socketpair/streams/process";

const TOTAL = 4_000_000;
const WIDTH = 20;

/** Bytes as they are, and a bar that grows with them: in one line of a terminal, else a line each time. */
function counted(total: number): TransformStream<Uint8Array, Uint8Array> {
  let [count, shown] = [0, -1];
  return new TransformStream({
    transform(bytes, controller) {
      count += bytes.byteLength;
      const filled = Math.floor(count / total * WIDTH);
      if (filled > shown) show(filled);
      shown = filled;
      controller.enqueue(bytes);
    },
  });
}

function show(filled: number): void {
  const bar = `[${"#".repeat(filled).padEnd(WIDTH)}] ${Math.round(filled / WIDTH * 100)} %`;
  process.stderr.write(process.stderr.isTTY ? `\r${bar}${filled === WIDTH ? "\n" : ""}` : `${bar}\n`);
}

const first = pipeline(["yes", "a line"], ["head", "-c", `${TOTAL}`], { stdout: "pipe" });
const second = pipeline(["wc", "-l"], { stdin: "pipe", stdout: "pipe" });
await first.stdout.readable.pipeThrough(counted(TOTAL)).pipeTo(second.stdin.writable);
for await (const bytes of second.stdout.readable) console.log(new TextDecoder().decode(bytes).trim(), "lines");
for (const { command, code, signal } of await first.statuses) console.log(command[0], signal ?? code);
