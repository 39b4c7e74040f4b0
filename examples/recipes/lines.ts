/**
 * Lines of a program's output, one by one as they come, although its pieces end anywhere.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/recipes/lines.ts
 *   bun examples/recipes/lines.ts
 *   node examples/recipes/lines.ts
 */

import { socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

/** Text in pieces of any size, as lines without their ends. */
function lines(): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform(piece, controller) {
      const parts = (rest + piece).split("\n");
      rest = parts.pop()!;
      for (const line of parts) controller.enqueue(line);
    },
    flush(controller) {
      if (rest !== "") controller.enqueue(rest);
    },
  });
}

const [ours, theirs] = socketpair();
spawn("sh", ["-c", "printf 'one\\ntw'; sleep 0.1; printf 'o\\nthree'"], { stdio: ["ignore", theirs, "inherit"] });
for await (const line of ours.readable.pipeThrough(new TextDecoderStream()).pipeThrough(lines())) console.log(line);
