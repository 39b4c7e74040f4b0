/** Reads what is there, what has to be waited for, and what is waited for without keeping the process alive. */

import { SocketEnd, socketpair } from "../../../mod.ts";
import { AF_UNIX, close, SOCK_STREAM, socketpair as rawPair, write } from "../../../ffi/mod.ts";

try {
  await using pair = socketpair({ type: "seqpacket" });
  await pair[0].writable.getWriter().write(new Uint8Array(1));
  let total = (await pair[1].readable.getReader().read()).value!.length;
  for (const alive of [true, false]) {
    const [near, far] = rawPair(AF_UNIX, SOCK_STREAM, 0);
    await using end = SocketEnd.from(near);
    if (!alive) end.unref();
    // Only the kernel knows that these two belong together. The interval keeps the process alive.
    const interval = setInterval(() => {}, 1000);
    setTimeout(() => write(far, new Uint8Array(1)), 20);
    total += (await end.readable.getReader().read()).value!.length;
    clearInterval(interval);
    close(far);
  }
  console.log(`read ${total}`);
} catch (error) {
  console.log(String(error));
}
