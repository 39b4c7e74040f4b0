/**
 * For tests: waits once, before anything is counted. Bun's first wait starts the thread that waits from then on, and its
 * loop has two descriptors.
 */

import { socketpair } from "../../mod.ts";
import { close, write } from "../../ffi/mod.ts";
import { watched } from "../_epoll.ts";

const [waits, other] = socketpair();
const { fd } = other.detach();
const reading = waits.readable.getReader().read();
await watched(waits, "read");
write(fd, new Uint8Array(1));
await reading;
close(fd);
await waits.close();
