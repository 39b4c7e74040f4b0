import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";

/**
 * A descriptor that came with a message. It is close-on-exec from birth, and closed by its owner: with `close()`, at the end of a
 * `using` block, or by the garbage collector at last. `SocketEnd.from()` makes an end of it, which then owns it.
 */
export class ReceivedDescriptor extends OwnedDescriptor {}
