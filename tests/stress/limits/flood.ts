/**
 * Sends on its descriptor 3 without end and as fast as it can, until it is killed. Arguments: how many bytes a record has
 * behind its length, and how many bytes are sent at once.
 */

import process from "node:process";
import { write } from "../../../ffi/mod.ts";

const [size, amount] = process.argv.slice(2).map(Number) as [number, number];
const record = new Uint8Array(4 + size);
new DataView(record.buffer).setUint32(0, size, true);
const count = Math.max(1, Math.floor(amount / record.byteLength));
const chunk = new Uint8Array(record.byteLength * count);
for (let index = 0; index < count; index += 1) chunk.set(record, index * record.byteLength);
for (;;) write(3, chunk);
