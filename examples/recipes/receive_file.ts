/**
 * A file that another program has opened, read here: the raw layer's `read` takes the descriptor on every runtime.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/recipes/receive_file.ts
 *   bun examples/recipes/receive_file.ts
 *   node examples/recipes/receive_file.ts
 *
 * In Bun and Node all of `node:fs` takes `descriptor.fd` too. Deno's says EBADF of a number that Deno has not opened; there
 * `/proc/self/fd/${fd}` opens the file anew, which needs `--allow-all`.
 */

import { socketpair } from "@socketpair/streams";
import { read } from "@socketpair/streams/ffi";
import { spawn } from "@socketpair/streams/process";

/** Its file has no name: only by its descriptor can another process have it. */
const SENDER = `
import socket, tempfile
file = tempfile.TemporaryFile()
file.write(b"what only the sender could open" * 1000)
file.seek(0)
socket.send_fds(socket.socket(fileno=3), [b"a file"], [file.fileno()])
`;

/** All that is left of a file. Another process that has the descriptor, too, goes on where this one has stopped. */
function textOf(fd: number): string {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  for (let count = read(fd, buffer); count > 0; count = read(fd, buffer)) {
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return text + decoder.decode();
}

const [ours, theirs] = socketpair({ type: "seqpacket", chunks: "messages" });
spawn("python3", ["-c", SENDER], { stdio: ["ignore", "inherit", "inherit", theirs] });
for await (const { data, descriptors } of ours.readable) {
  using file = descriptors[0]!;
  const text = textOf(file.fd);
  console.log(`${new TextDecoder().decode(data)} of ${text.length} characters: ${text.slice(0, 31)}`);
}
