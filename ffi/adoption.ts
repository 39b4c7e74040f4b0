import { libc } from "./libc.ts";
import { F_GETOWN, F_SETOWN } from "./systems/linux.ts";

/**
 * Whether a thread of this process has adopted a descriptor that a parent process gave: see {@linkcode noteAdoption}. A Worker of
 * Node or Bun has a copy of the environment of its start, which still names what was adopted later.
 */
export function wasAdopted(fd: number): boolean {
  const { fcntl, getpid } = libc().calls;
  return fcntl(fd, F_GETOWN, 0) === getpid();
}

/**
 * Notes for all threads that this process has adopted a descriptor: in the open file itself, as the process that SIGIO is for. No such
 * signal comes, since that takes O_ASYNC. Another process that is given the file does not find itself there.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/F_SETOWN.2const.html | F_SETOWN(2const)}
 */
export function noteAdoption(fd: number): void {
  const { fcntl, getpid } = libc().calls;
  fcntl(fd, F_SETOWN, getpid());
}
