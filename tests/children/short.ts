/**
 * A worker that makes a pair, waits once, closes the end while another read is pending, and so ends. Its data is
 * "unref" if that last read is to hold nothing open.
 */

import { workerData } from "node:worker_threads";
import { socketpair } from "../../mod.ts";
import { close, write } from "../../ffi/mod.ts";

const [waits, other] = socketpair();
const { fd } = other.detach();
setTimeout(() => write(fd, new Uint8Array(1)), 1);
const reader = waits.readable.getReader();
await reader.read();
if (workerData === "unref") waits.unref();
const last = reader.read();
// The poll of this read is under way when the end is closed: it has to come home before the thread is gone.
await new Promise((resolve) => setTimeout(resolve, 2));
close(fd);
await waits.close();
await last;
