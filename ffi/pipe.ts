import { arena } from "./arena.ts";
import { OwnedDescriptor } from "./owned_descriptor.ts";
import * as syscalls from "./syscalls.ts";

/**
 * Makes a pipe: what is written to the second descriptor is read from the first. Both are close-on-exec.
 *
 * @returns Both descriptors
 * @throws {SocketError} EMFILE or ENFILE
 *
 * @see {@link https://man7.org/linux/man-pages/man2/pipe.2.html | pipe2(2)}
 */
export function pipe(): [read: OwnedDescriptor, write: OwnedDescriptor] {
  const [read, write] = syscalls.pipe(arena());
  return [new OwnedDescriptor(read), new OwnedDescriptor(write)];
}
