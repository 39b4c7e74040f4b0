/** Answers every record with its SHA-256, until the records end. */

import { createHash } from "node:crypto";
import { SocketEnd } from "../../mod.ts";

const end = SocketEnd.from(3);
const writer = end.writable.getWriter();
for await (const record of end.readable) await writer.write(createHash("sha256").update(record).digest());
await writer.close();
console.log(`type=${end.type}`);
