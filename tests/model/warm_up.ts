/**
 * Waits once in each way before anything is counted: the thread that waits, in Bun always and in Deno for ends that do not
 * keep the process alive, has descriptors of its own and stays.
 */

import { socketpair } from "@socketpair/streams";
import { close, write } from "@socketpair/streams/ffi";

for (const how of ["ref", "unref"] as const) {
  const [waits, other] = socketpair();
  const { fd } = other.detach();
  waits[how]();
  await new Promise((resolve) => {
    void waits.readable.getReader().read().then(resolve);
    setTimeout(() => write(fd, new Uint8Array(1)), 20);
    setTimeout(resolve, 2000);
  });
  close(fd);
  await waits.close();
}
