import { type Arena, arena } from "./arena.ts";
import { SocketError } from "./errors.ts";
import * as names from "./names.ts";
import { OwnedDescriptor } from "./owned_descriptor.ts";
import { numberOfType, type SocketType } from "./socket_type.ts";
import { close, setOption, WOULD_BLOCK } from "./syscalls.ts";
import { CONSTANTS, ERRNO, F_SETFL, O_NONBLOCK } from "./systems/linux.ts";

export { bytesOfName as checkPath, shown } from "./names.ts";

/** The most that chmod(2) sets. */
export const MODE_MAX = 0o777;

/**
 * Gives what takes the file of a socket's name away if it is still the same. While its socket is open, no other file has its inode.
 * Again, and for a name that is no file: no effect.
 */
function removerOf(path: string): () => void {
  if (path.startsWith("\0")) return () => {};
  const memory = arena();
  const file = names.absolute(memory, path);
  let identity = names.statusOf(memory, path)?.identity;
  return () => {
    const own = identity;
    identity = undefined;
    if (own === undefined || names.statusOf(memory, file)?.identity !== own) return;
    try {
      names.unlink(memory, file, "Cannot take the file of a socket away");
    } catch {
      // It may not be taken away any more: closing goes on.
    }
  };
}

/** Makes a socket for {@linkcode bindTo}, {@linkcode listenAt} and {@linkcode tryConnect}: O_NONBLOCK. */
export function openSocket(type: SocketType, protocol: number, credentials: boolean, act: string): OwnedDescriptor {
  const memory = arena();
  const number = numberOfType(type) | CONSTANTS.SOCK_NONBLOCK;
  const owned = new OwnedDescriptor(names.socket(memory, CONSTANTS.AF_UNIX, number, protocol, act));
  // Before there is a peer: of what it sends at once the sender would not be known.
  if (credentials) passCredentials(owned.fd);
  return owned;
}

/** Tells with each message who has sent it. What a listening socket accepts does so from birth. */
export function passCredentials(fd: number): void {
  setOption(arena(), fd, CONSTANTS.SO_PASSCRED, 1);
}

/** Connects. False if the backlog there is full: nothing tells when it no longer is. */
export function tryConnect(fd: number, path: string, act: string): boolean {
  try {
    names.connect(arena(), fd, path, act);
    return true;
  } catch (error) {
    if (error instanceof SocketError && error.errno === ERRNO.EAGAIN) return false;
    throw error;
  }
}

/** Gives a socket a name that is free. Returns what takes its file away. */
export function bindTo(fd: number, path: string, act: string): () => void {
  names.bind(arena(), fd, path, act);
  return removerOf(path);
}

/**
 * Gives a socket a name and listens. A file that is the name of no open socket any more is replaced: while it is looked at and
 * replaced its folder is locked, so that of several that do so one succeeds.
 *
 * @param mode What the file's mode is to be, whatever the umask is
 * @returns What takes the file away
 * @throws {SocketError} EADDRINUSE if the name is in use, or the file is no socket
 */
export function listenAt(fd: number, path: string, mode: number | undefined, backlog: number, act: string): () => void {
  const memory = arena();
  if (mode !== undefined) names.setModeBefore(memory, fd, mode, act);
  try {
    return bindAndListen();
  } catch (error) {
    if (!isInUse(error) || path.startsWith("\0")) throw error;
    // It throws EADDRINUSE also for a folder that may not be read, and so cannot be locked.
    isLeftOver(memory, path, act);
    return names.withFolderLocked(memory, path, act, () => {
      if (isLeftOver(memory, path, act)) names.unlink(memory, path, `${act}, where a file is left over`);
      return bindAndListen();
    });
  }

  function bindAndListen(): () => void {
    const remove = bindTo(fd, path, act);
    try {
      // The umask has taken from the mode: what is given back only widens it.
      if (mode !== undefined && names.statusOf(memory, path)?.mode !== mode) {
        names.setMode(memory, path, mode, act);
      }
      names.listen(memory, fd, backlog, act);
      return remove;
    } catch (error) {
      remove();
      throw error;
    }
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof SocketError && error.errno === ERRNO.EADDRINUSE;
}

/** Whether the file of a socket is left over that no process has open any more. Throws EADDRINUSE if one has, or it is no socket. */
function isLeftOver(memory: Arena, path: string, act: string): boolean {
  const status = names.statusOf(memory, path);
  if (status === undefined) return false;
  if (!status.isSocket) throw new SocketError(`${act}, a file that is no socket`, ERRNO.EADDRINUSE, "bind");
  // A datagram socket disturbs no server, and is refused for its type where there is one, listening already or not yet.
  const probe = names.socket(memory, CONSTANTS.AF_UNIX, CONSTANTS.SOCK_DGRAM, 0, act);
  let refusal: number | undefined;
  try {
    names.connect(memory, probe, path, act);
  } catch (error) {
    refusal = (error as SocketError).errno;
  } finally {
    close(memory, probe);
  }
  if (refusal === ERRNO.ECONNREFUSED) return true;
  // Whatever else it says, there is no proof of that.
  const whose = refusal === ERRNO.EACCES ? "to which this process may not connect" : "perhaps of this process";
  throw new SocketError(`${act}, where another socket is, ${whose}`, ERRNO.EADDRINUSE, "bind");
}

/** Sets O_NONBLOCK of a socket of ours, for every descriptor of it, or takes it off. */
export function setNonBlocking(fd: number, on: boolean): void {
  arena().libc.calls.fcntl(fd, F_SETFL, on ? O_NONBLOCK : 0);
}

/** Takes the first client out of the backlog: its descriptor and its name. */
export function acceptFrom(fd: number): [client: OwnedDescriptor, name: string | null] | typeof WOULD_BLOCK {
  const accepted = names.accept(arena(), fd);
  return accepted === WOULD_BLOCK ? WOULD_BLOCK : [new OwnedDescriptor(accepted[0]), accepted[1]];
}

/** The name of a socket; null where it has none. */
export function nameOfSocket(fd: number): string | null {
  return names.nameOf(arena(), fd, "getsockname", `Cannot use descriptor ${fd}`);
}
