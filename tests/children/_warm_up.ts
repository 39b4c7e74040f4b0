/**
 * For tests: waits once, before anything is counted. Bun's first wait starts the thread that waits from then on, and its
 * loop has two descriptors.
 */

import { socketpair } from "../../mod.ts";
import { close, write } from "../../ffi/mod.ts";

const [waits, other] = socketpair();
const { fd } = other.detach();
setTimeout(() => write(fd, new Uint8Array(1)), 20);
await waits.readable.getReader().read();
close(fd);
await waits.close();
