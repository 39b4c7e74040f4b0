/**
 * Control messages of AF_UNIX, to and from the C layout: `struct cmsghdr { size_t len; int level; int type; }`, then the
 * data, the next one aligned to 8.
 *
 * @see {@link https://man7.org/linux/man-pages/man3/cmsg.3.html | cmsg(3)}
 *
 * @module
 */

import type { Arena } from "./arena.ts";
import { CMSGHDR_SIZE, CONSTANTS, SCM_MAX_FD } from "./systems/linux.ts";

const { SCM_CREDENTIALS, SCM_PIDFD, SCM_RIGHTS, SOL_SOCKET } = CONSTANTS;

/** The identity of a process. */
export interface Credentials {
  /** The process. */
  readonly pid: number;
  /** The user. */
  readonly uid: number;
  /** The group. */
  readonly gid: number;
}

/** What can be sent with a record. */
export interface Ancillary {
  /** Descriptors, at most 253. */
  readonly descriptors: readonly number[];
  /** The sender. */
  readonly credentials?: Credentials | undefined;
}

/** What has come with a record. */
export interface ReceivedAncillary extends Ancillary {
  /** Descriptors that the peer did not send: with SO_PASSPIDFD, which any owner of the socket can set, the kernel adds one. */
  readonly strays: readonly number[];
}

/**
 * Writes control messages where the next sendmsg reads them.
 *
 * @returns Their length in bytes
 */
export function encodeAncillary(arena: Arena, { descriptors, credentials }: Ancillary): number {
  if (descriptors.length > SCM_MAX_FD) {
    throw new RangeError(
      `Cannot send ${descriptors.length} descriptors in one record: at most ${SCM_MAX_FD} are allowed`,
    );
  }
  const { sendControl } = arena;
  let offset = 0;
  if (descriptors.length > 0) offset = put(sendControl, offset, SCM_RIGHTS, descriptors);
  if (credentials !== undefined) {
    offset = put(sendControl, offset, SCM_CREDENTIALS, [credentials.pid, credentials.uid, credentials.gid]);
  }
  return offset;
}

/** Reads the control messages that came with the last message. */
export function decodeAncillary(arena: Arena, controlLength: number): ReceivedAncillary {
  const { control } = arena;
  const descriptors: number[] = [];
  const strays: number[] = [];
  let credentials: Credentials | undefined;
  for (let offset = 0; offset + CMSGHDR_SIZE <= controlLength;) {
    const length = control.getUint32(offset, true);
    const level = control.getInt32(offset + 8, true);
    const type = control.getInt32(offset + 12, true);
    const word = (index: number) => control.getInt32(offset + CMSGHDR_SIZE + index * 4, true);
    if (level === SOL_SOCKET && type === SCM_RIGHTS) {
      for (let index = 0; CMSGHDR_SIZE + (index + 1) * 4 <= length; index += 1) descriptors.push(word(index));
    } else if (level === SOL_SOCKET && type === SCM_CREDENTIALS) {
      credentials = { pid: word(0), uid: word(1) >>> 0, gid: word(2) >>> 0 };
    } else if (level === SOL_SOCKET && type === SCM_PIDFD && word(0) >= 0) {
      strays.push(word(0));
    }
    offset += align(Math.max(length, CMSGHDR_SIZE));
  }
  return { descriptors, credentials, strays };
}

function put(view: DataView, offset: number, type: number, words: readonly number[]): number {
  const length = CMSGHDR_SIZE + words.length * 4;
  view.setUint32(offset, length, true);
  view.setUint32(offset + 4, 0, true);
  view.setInt32(offset + 8, SOL_SOCKET, true);
  view.setInt32(offset + 12, type, true);
  words.forEach((word, index) => view.setInt32(offset + CMSGHDR_SIZE + index * 4, word, true));
  return offset + align(length);
}

function align(length: number): number {
  return Math.ceil(length / 8) * 8;
}
