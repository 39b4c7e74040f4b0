import { arena } from "./arena.ts";
import * as syscalls from "./syscalls.ts";
import { POLLHUP } from "./systems/linux.ts";

/** Whether no process has the other end of a connected socket any more. It is asked once, without a thread that waits. */
export function isPeerGone(fd: number): boolean {
  return (syscalls.poll(arena(), fd, 0) & POLLHUP) !== 0;
}

/** Whether bytes of a stream wait to be received. They stay there. */
export function hasUnread(fd: number): boolean {
  return syscalls.hasUnread(arena(), fd);
}
