/**
 * Each direction ends on its own: the question is over when its writer closes, and only then can the answer be known.
 *
 *   deno run --allow-ffi examples/half_close.ts
 *   bun examples/half_close.ts
 *   node examples/half_close.ts
 */

import { type SocketEnd, socketpair } from "@socketpair/streams";

/** Adds up whatever comes, and answers when nothing more will. */
async function adder(end: SocketEnd): Promise<void> {
  let sum = 0;
  for await (const record of end.readable) sum += record[0]!;
  const writer = end.writable.getWriter();
  await writer.write(new Uint8Array([sum]));
  await writer.close();
}

await using pair = socketpair({ type: "seqpacket" });
const [client, server] = pair;
const served = adder(server);

const writer = client.writable.getWriter();
for (const number of [1, 2, 39]) await writer.write(new Uint8Array([number]));
await writer.close(); // shutdown(SHUT_WR): the server reads to the end, this end can still receive

const { value } = await client.readable.getReader().read();
console.log(`1 + 2 + 39 = ${value?.[0]}`);
await served;
