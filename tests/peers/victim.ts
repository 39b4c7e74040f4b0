/** A child that never stops by itself: it sends what it receives back, descriptors included, until it is killed. */

import { SocketEnd, socketpair } from "../../mod.ts";

const end = SocketEnd.from(3, { chunks: "messages" });
const writer = end.writable.getWriter();
const [, spare] = socketpair();
await writer.write({ data: new TextEncoder().encode("ready"), descriptors: [spare] });
for await (const { data, descriptors } of end.readable) {
  const writing = writer.write({ data, descriptors });
  // What is sent and not yet closed here dies with this process.
  await writing;
  for (const descriptor of descriptors) descriptor.close();
}
