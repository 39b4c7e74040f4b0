import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";

/**
 * A descriptor that came with a message. It is close-on-exec from birth, and closed by its owner: with `close()`, at the end of a
 * `using` block, or by the garbage collector at last.
 *
 * `fd` is its number for a call that only looks at it; `detach()` gives the number to what closes it. What each runtime makes of
 * it:
 *
 * | what it is            | Deno                                      | Bun                         | Node                           |
 * | --------------------- | ----------------------------------------- | --------------------------- | ------------------------------ |
 * | a file                | its path `/proc/self/fd/${fd}`            | `node:fs` by `fd`           | `node:fs` by `fd`              |
 * | a listening socket    | `net.createServer().listen({ fd })`       | the same                    | the same                       |
 * | a connection          | `new net.Socket({ fd })`                  | `net.connect({ fd })`       | `new net.Socket({ fd })`       |
 * | a connected AF_UNIX   | `SocketEnd.from(it)`                      | the same                    | the same                       |
 * | any of them           | in `stdio` of `spawn()`                   | the same                    | the same                       |
 *
 * - By the path, the file is opened anew: from its beginning, and with the rights that this process has. Deno's `node:fs` takes
 *   no descriptor that Deno has not opened (EBADF).
 * - `net` closes the descriptor: give it `detach()`. In Bun `new net.Socket({ fd })` never reads.
 */
export class ReceivedDescriptor extends OwnedDescriptor {}
