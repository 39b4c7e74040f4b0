/**
 * A server that has no descriptor left when its first client comes, and has some later. Arguments: the path, and whether a call or
 * the stream asks. RLIMIT_NOFILE is low.
 */

import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { connect, listen } from "../../unix/mod.ts";
import { close, SocketError } from "../../ffi/mod.ts";
import "../children/_warm_up.ts";
import { fillUp } from "../stress/faults/_raw.ts";

const [path, how] = process.argv.slice(2) as [string, string];
// Deno opens a pair of its own some time after its start, and panics if it cannot.
process.on("SIGUSR2", delay).off("SIGUSR2", delay);
await using server = listen({ path });
const reader = how === "the stream" ? server.readable.getReader() : undefined;
const accept = async () => reader === undefined ? await server.accept() : (await reader.read()).value;
{
  // All of the module is loaded.
  const client = await connect({ path });
  await (await accept())!.close();
  await client.close();
}
const client = await connect({ path });
await client.write(new TextEncoder().encode("hello"));
const filling = fillUp();
const accepting = accept();
const early = await Promise.race([accepting, delay(300)]);
console.log(early === undefined ? "no client" : "a client, and there was no descriptor");
try {
  await connect({ path });
} catch (error) {
  if (!(error instanceof SocketError && error.code === "EMFILE")) throw error;
}
for (const fd of filling) close(fd);
const end = (await accepting)!;
const buffer = new Uint8Array(10);
console.log(`the client that waited: ${new TextDecoder().decode(buffer.subarray(0, (await end.read(buffer))!))}`);
const second = await connect({ path });
await second.write(new Uint8Array(1));
const next = (await accept())!;
console.log(`the next: ${await next.read(buffer)}`);
for (const it of [client, end, second, next]) await it.close();
