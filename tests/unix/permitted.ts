/** Listens at the path that is its argument, with a mode, connects to itself, and says what has arrived. */

import process from "node:process";
import { connect, listen } from "../../unix/mod.ts";

const path = process.argv[2]!;
await using server = listen({ path, mode: 0o600, type: "seqpacket" });
await using client = await connect({ path, type: "seqpacket" });
await client.write(new TextEncoder().encode("hello"));
await using end = (await server.accept())!;
const buffer = new Uint8Array(10);
console.log(new TextDecoder().decode(buffer.subarray(0, (await end.read(buffer))!)));
