/**
 * A worker process in Python: it has the other end as its descriptor 3, takes one record a task and answers it.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/handover/python_worker.ts
 *   bun examples/handover/python_worker.ts
 *   node examples/handover/python_worker.ts
 */

import { socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

const WORKER = `
import json, socket

end = socket.socket(fileno=3)
while task := end.recv(1 << 18):
    numbers = json.loads(task)
    end.send(json.dumps({"sum": sum(numbers), "largest": max(numbers)}).encode())
`;

const [ours, theirs] = socketpair({ type: "seqpacket" });
spawn("python3", ["-c", WORKER], { stdio: ["inherit", "inherit", "inherit", theirs] });

async function feed(): Promise<void> {
  const writer = ours.writable.getWriter();
  for (const task of [[1, 2, 3], [40, 2], [7]]) {
    await writer.write(new TextEncoder().encode(JSON.stringify(task)));
  }
  await writer.close(); // recv() gives nothing, and the worker leaves
}

const feeding = feed();
for await (const record of ours.readable) {
  const { sum, largest } = JSON.parse(new TextDecoder().decode(record));
  console.log(`sum ${sum}, largest ${largest}`);
}
await feeding;
