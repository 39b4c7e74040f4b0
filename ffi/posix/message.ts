import { arena, CONTROL_SIZE, SCRATCH_SIZE } from "../arena.ts";
import { gather } from "../outgoing.ts";
import { checked } from "../syscalls.ts";
import { int, viewedBytes } from "./_arguments.ts";

/** As much of C's `struct msghdr` as a connected socket needs. */
export interface Message {
  /** The buffers that are gathered into one message, or that one is scattered over. */
  readonly iov: readonly ArrayBufferView[];
  /** Control messages as C lays them out (cmsg(3)), at most 2,048 bytes. */
  readonly control?: Uint8Array;
}

/** What {@linkcode recvmsg} found out. */
export interface ReceivedMessage {
  /** The number of bytes received; with MSG_TRUNC given, the true length of the record. */
  readonly bytes: number;
  /** MSG_TRUNC if the record was cut, MSG_CTRUNC if control messages were. */
  readonly flags: number;
  /** How many bytes of `control` are filled. */
  readonly controlLength: number;
}

/**
 * Sends a message. Blocks this thread while there is no room, unless MSG_DONTWAIT is given.
 *
 * @param fd The descriptor
 * @param message What to send. On a record socket the buffers make one record
 * @param flags MSG_DONTWAIT, MSG_NOSIGNAL and others
 * @returns The number of bytes sent, which on a stream may be fewer than given
 * @throws {SocketError} EAGAIN, ECONNREFUSED, EMSGSIZE, EPIPE and others of sendmsg(2)
 * @throws {RangeError} If the control messages are too long
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/sendmsg.html | sendmsg() in POSIX}
 */
export function sendmsg(fd: number, message: Message, flags: number = 0): number {
  const memory = arena();
  const control = checkedControl(message);
  int("the descriptor", fd);
  int("the flags", flags);
  gather(memory, bytesOfAll(message));
  new Uint8Array(memory.sendControl.buffer, memory.sendControl.byteOffset).set(control);
  memory.sendControlLength(control.byteLength);
  const call = memory.sendmsgWith(control.byteLength);
  try {
    return checked(memory, "Cannot send", "sendmsg", () => call(fd, flags));
  } finally {
    memory.sendControlLength(0);
  }
}

/**
 * Receives a message. Blocks this thread while there is none, unless MSG_DONTWAIT is given.
 *
 * @param fd The descriptor
 * @param message Where it goes: at most 8 MiB are filled, buffer by buffer
 * @param flags MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_CMSG_CLOEXEC and others
 * @returns How much was received. 0 bytes are EOF or an empty record; with SO_TIMESTAMP set only the latter
 * brings a control message, or MSG_CTRUNC where there is no room for it
 * @throws {SocketError} EAGAIN, EBADF, ECONNRESET and others of recvmsg(2)
 * @throws {RangeError} If there is more room for control messages than can be used
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/recvmsg.html | recvmsg() in POSIX}
 */
export function recvmsg(fd: number, message: Message, flags: number = 0): ReceivedMessage {
  const memory = arena();
  const control = checkedControl(message);
  int("the descriptor", fd);
  int("the flags", flags);
  let room = 0;
  const parts = bytesOfAll(message);
  for (const part of parts) room += part.byteLength;
  memory.receiveIntoScratch(Math.min(room, SCRATCH_SIZE));
  let bytes: number;
  let controlLength = 0;
  try {
    bytes = checked(memory, "Cannot receive", "recvmsg", () => {
      memory.receiveControl(control.byteLength);
      return memory.recvmsg(fd, flags);
    });
  } finally {
    controlLength = memory.takeControl();
  }
  scatter(memory.receiveScratch.subarray(0, Math.min(bytes, room)), parts);
  control.set(new Uint8Array(memory.control.buffer, memory.control.byteOffset, controlLength));
  return { bytes, flags: memory.receivedFlags(), controlLength };
}

function scatter(bytes: Uint8Array, parts: readonly Uint8Array[]): void {
  let taken = 0;
  for (const part of parts) {
    const piece = bytes.subarray(taken, taken + part.byteLength);
    part.set(piece);
    taken += piece.byteLength;
  }
}

function bytesOfAll({ iov }: Message): Uint8Array[] {
  if (!Array.isArray(iov)) throw new TypeError("Cannot use iov: it is an array of ArrayBufferViews");
  return Array.from(iov, (part) => viewedBytes("a part of the message", part));
}

function checkedControl(message: Message): Uint8Array {
  const { control: given } = message;
  const control = given === undefined ? new Uint8Array(0) : viewedBytes("the control messages", given);
  if (control.byteLength <= CONTROL_SIZE) return control;
  throw new RangeError(
    `Cannot use ${control.byteLength} bytes of control messages: at most ${CONTROL_SIZE} are allowed`,
  );
}
