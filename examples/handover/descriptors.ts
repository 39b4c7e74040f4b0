/**
 * Descriptors ride on records: a child that runs already asks for files by name, and is sent them opened.
 *
 *   deno run --allow-ffi --allow-read --allow-run --allow-env examples/handover/descriptors.ts
 *   bun examples/handover/descriptors.ts
 *   node examples/handover/descriptors.ts
 */

import { open } from "node:fs/promises";
import { socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

const CHILD = `
import os, socket

end = socket.socket(fileno=3)
for name in ["pool.ts", "descriptors.ts", "../../etc/passwd"]:
    end.send(name.encode())
    answer, fds, _, _ = socket.recv_fds(end, 1024, 1)
    print(name, answer.decode(), flush=True)
    for fd in fds:
        with os.fdopen(fd) as file:
            print("  begins with", file.readline().strip(), flush=True)
`;

const [ours, theirs] = socketpair({ type: "seqpacket", chunks: "messages" });
spawn("python3", ["-c", CHILD], { stdio: ["inherit", "inherit", "inherit", theirs] });

const writer = ours.writable.getWriter();
for await (const { data } of ours.readable) {
  const name = new TextDecoder().decode(data);
  if (!/^\w+\.ts$/.test(name)) {
    await writer.write({ data: new TextEncoder().encode("refused") });
    continue;
  }
  const file = await open(new URL(name, import.meta.url));
  await writer.write({ data: new TextEncoder().encode("opened"), descriptors: [file] });
  await file.close(); // the child has its own
}
await ours.close();
