import type { Credentials } from "../ffi/ancillary.ts";
import type { Socket } from "../ffi/socket.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import { isEnd, isForeign, lend } from "./access.ts";
import { ByteSender, CHUNK_SIZE } from "./bytes.ts";
import { type Bytes, type Chunk, lengthOf, nameOf, type Parts, partsOf } from "./chunk.ts";
import type { Nothing, Receiver, Sender } from "./_format.ts";
import { Unread } from "./_unread.ts";
import { ownerOf, type ReceivedDescriptor, receivedDescriptor } from "./received_descriptor.ts";
import { copyOfRecord, sendRecord } from "./records.ts";

/** What can be sent as a descriptor: its number, an end (which is closed here once it is sent), or an object with the number. */
export type SentDescriptor = number | { readonly fd: number };

/** A chunk of an end with `chunks: "messages"`, as it is written. */
export interface Message {
  /** The record, or on a `"stream"` the bytes, of which there must be one at least. */
  readonly data: Chunk;
  /** Descriptors to go with it, at most 253. Numbers and file objects stay the sender's own. */
  readonly descriptors?: readonly SentDescriptor[] | undefined;
  /** What to give as the sender in place of this process's own. The kernel refuses what is not true, with EPERM. */
  readonly credentials?: Credentials | undefined;
}

/** A chunk of an end with `chunks: "messages"`, as it is read. */
export interface ReceivedMessage {
  /** The record, or on a `"stream"` some bytes: those that the descriptors came with, and maybe more. */
  readonly data: Bytes;
  /** The descriptors that came with it. */
  readonly descriptors: readonly ReceivedDescriptor[];
  /** Present if descriptors were lost: more came than this process could open (EMFILE). */
  readonly descriptorsLost?: true;
  /** The sender, if the end has `credentials: true`. */
  readonly credentials?: Credentials;
}

/** Receives records (or bytes of a stream) with what rides on them. */
export class MessageReceiver implements Receiver<ReceivedMessage> {
  readonly #socket: Socket;
  readonly #limit: number;
  readonly #unread: Unread<ReceivedMessage>;
  /** Whether they tell their senders. An earlier owner of the socket may have asked for that. */
  readonly #credentials: boolean;
  /** The descriptors of a message that may wait in the stream's queue. */
  #inStream: readonly ReceivedDescriptor[] = [];

  /** @param given What an earlier owner of the descriptor had received */
  constructor(socket: Socket, given: readonly ReceivedMessage[], credentials: boolean = false) {
    this.#socket = socket;
    this.#limit = socket.type === "stream" ? CHUNK_SIZE : socket.scratch.byteLength;
    this.#unread = new Unread(given);
    this.#credentials = credentials;
  }

  next(): ReceivedMessage | Nothing {
    if (!this.#unread.isEmpty) return this.#unread.take()!;
    const { length, ancillary, truncated } = this.#socket.receiveMessage(this.#limit);
    if (length === WOULD_BLOCK || length === END) return length;
    // Owned before anything can fail.
    const descriptors = ancillary.descriptors.map(receivedDescriptor);
    try {
      const data = copyOfRecord(this.#socket, length);
      const { credentials } = ancillary;
      return {
        data,
        descriptors,
        ...(truncated ? { descriptorsLost: true } : {}),
        ...(this.#credentials && credentials !== undefined ? { credentials } : {}),
      };
    } catch (error) {
      closeAll(descriptors);
      throw error;
    }
  }

  read(): never {
    throw new TypeError(`Cannot read: chunks of this end are messages, which come by readable`);
  }

  giveBack(message: ReceivedMessage): void {
    this.#unread.giveBack({ ...message });
  }

  unread(): ReceivedMessage[] {
    return this.#unread.all();
  }

  stays(message: ReceivedMessage): void {
    const { descriptors } = message;
    this.#inStream = descriptors;
    // A stream does not tell that a chunk was taken out of its queue; but the reader then looks at what came with it.
    Object.defineProperty(message, "descriptors", {
      enumerable: true,
      get: () => {
        if (this.#inStream === descriptors) this.#inStream = [];
        return descriptors;
      },
    });
  }

  discard(inStream: boolean): void {
    if (inStream) closeAll(this.#inStream);
    closeUnread(this.#unread.takeAll());
  }
}

/** A message as a plain value, which another thread can be sent: its descriptors are numbers, that no object owns. */
export interface PackedMessage extends Omit<ReceivedMessage, "descriptors"> {
  readonly descriptors: readonly number[];
}

/** Gives the descriptors of unread messages up, for a token. */
export function pack(messages: readonly ReceivedMessage[]): PackedMessage[] {
  return messages.map((message) => ({
    ...message,
    descriptors: message.descriptors.map((it) => ownerOf(it)!.detach()),
  }));
}

/** Owns the descriptors of a token's messages anew. */
export function unpack(messages: readonly PackedMessage[]): ReceivedMessage[] {
  return messages.map((message) => ({
    ...message,
    descriptors: message.descriptors.map(receivedDescriptor),
  }));
}

/** Closes the descriptors of messages that will not be read. */
export function closeUnread(messages: readonly ReceivedMessage[]): void {
  for (const { descriptors } of messages) closeAll(descriptors);
}

function closeAll(descriptors: Iterable<ReceivedDescriptor>): void {
  // By its owner: the method may be another by now.
  for (const descriptor of descriptors) ownerOf(descriptor)?.close();
}

/** A message as it was read of the caller's object: its descriptors are numbers, or objects of ours that may yet be closed. */
interface PreparedMessage {
  readonly parts: Parts;
  readonly descriptors: readonly (number | object)[];
  readonly credentials: Credentials | undefined;
}

/** Sends records (or bytes of a stream) with what rides on them. */
export class MessageSender implements Sender<Message, PreparedMessage> {
  readonly gathers = false;
  readonly #socket: Socket;
  /** Of a stream. What rides on a chunk goes with its first byte. */
  readonly #bytes: ByteSender;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#bytes = new ByteSender(socket);
  }

  get midway(): boolean {
    return this.#bytes.midway;
  }

  prepare(message: Message): PreparedMessage {
    if (typeof message !== "object" || message === null || !("data" in message)) {
      throw new TypeError(
        `Cannot write ${nameOf(message)}: a message is an object with data, and maybe descriptors and credentials`,
      );
    }
    const { data, descriptors = [], credentials } = message;
    if (!Array.isArray(descriptors)) {
      throw new TypeError(`Cannot send ${nameOf(descriptors)} as descriptors: it is an array`);
    }
    const prepared = {
      descriptors: Array.from(descriptors, ownOrNumber),
      credentials: credentials && credentialsOf(credentials),
      // The last: a getter may have taken the memory away.
      parts: partsOf(data),
    };
    if (this.#socket.type === "stream" && lengthOf(prepared.parts) === 0) {
      throw new TypeError("Cannot write a message on a stream: it has no byte to ride on");
    }
    return prepared;
  }

  send(message: PreparedMessage): boolean {
    if (this.#socket.type === "stream") return this.#bytes.send(message.parts, () => this.#sendFirst(message));
    // Memory that has gone since would be left out without a word.
    lengthOf(message.parts);
    return this.#sendFirst(message) !== WOULD_BLOCK;
  }

  drain(): boolean {
    return true;
  }

  #sendFirst({ parts, descriptors, credentials }: PreparedMessage): number {
    const sent = sendRecord(this.#socket, parts, { descriptors: descriptors.map(numberOf), credentials });
    if (sent !== WOULD_BLOCK) { for (const end of new Set(descriptors)) if (isEnd(end)) lend(end).moved(); }
    return sent;
  }
}

/** A copy of what the caller says: numbers as the kernel takes them. */
function credentialsOf({ pid, uid, gid }: Credentials): Credentials {
  for (const [name, id] of Object.entries({ pid, uid, gid })) {
    if (!Number.isInteger(id) || id < 0 || id >= 2 ** 32) {
      throw new TypeError(`Cannot send ${String(id)} as ${name} of credentials: it is an integer from 0 to 4294967295`);
    }
  }
  return { pid, uid, gid };
}

/** An object of ours as it is, and of any other its number. */
function ownOrNumber(descriptor: SentDescriptor): number | object {
  if (typeof descriptor !== "object" || descriptor === null) return numberOf(descriptor);
  if (ownerOf(descriptor) !== undefined || isForeign(descriptor) || isEnd(descriptor)) return descriptor;
  const { fd } = descriptor as { readonly fd: unknown };
  if (fd === -1) throw new TypeError("Cannot send a descriptor: it is closed");
  return numberOf(fd);
}

function numberOf(descriptor: unknown): number {
  if (typeof descriptor === "number" && Number.isInteger(descriptor) && descriptor >= 0 && descriptor < 2 ** 31) {
    return descriptor;
  }
  const owned = ownerOf(descriptor);
  if (owned?.fd === -1) throw new TypeError("Cannot send a descriptor: it is closed");
  if (owned !== undefined) return owned.fd;
  if (isForeign(descriptor) || isEnd(descriptor)) return lend(descriptor, "send the end").socket.fd;
  throw new TypeError(
    "Cannot send a descriptor: it is a number, a SocketEnd or an object with the number as fd, as node:fs/promises opens " +
      "(a Deno.FsFile has none)",
  );
}
