/**
 * How connections are made: of new sockets, and of descriptors that come from elsewhere.
 *
 * @module
 */

import { typeOfSocket } from "../ffi/descriptor.ts";
import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import { Socket } from "../ffi/socket.ts";
import type { SocketType } from "../ffi/socket_type.ts";
import { nameOf } from "./chunk.ts";
import { Connection } from "./_connection.ts";
import { type AdoptOptions, kindOf, type SocketPairOptions } from "./options.ts";
import { ownerOf } from "./received_descriptor.ts";

/** Makes the connections of new sockets, whose options are checked. If that fails, it closes them all. */
export function connectionsOf(sockets: readonly Socket[], type: SocketType, options: SocketPairOptions): Connection[] {
  const { sendBufferSize = defaultSendBuffer(type, options), receiveBufferSize } = options;
  try {
    return sockets.map((socket) => {
      socket.setBufferSizes(sendBufferSize, receiveBufferSize);
      return new Connection(socket, kindOf(type, options), options);
    });
  } catch (error) {
    for (const socket of sockets) socket.close();
    throw error;
  }
}

/**
 * Makes the connection of a connected socket, whose owner it becomes.
 *
 * @param onClose Called before the descriptor is closed, and not when it is given up
 */
export function connected(
  owned: OwnedDescriptor,
  type: SocketType,
  options: SocketPairOptions,
  onClose?: () => void,
): Connection {
  const socket = owned.move((fd) => new Socket(fd, type, { ...options, onClose }));
  return connectionsOf([socket], type, options)[0]!;
}

/** Twice the kernel's own for bytes, four times for framed records: measured at 5 to 25 % of the time of bulk transfers. */
function defaultSendBuffer(type: SocketType, { framing }: SocketPairOptions): number | undefined {
  if (type !== "stream") return undefined;
  return framing === undefined ? 212_992 : 425_984;
}

/**
 * Takes a descriptor over from elsewhere. If it is refused, it stays where it was.
 *
 * @param source Its number, or a received descriptor
 * @param wanted What is made of what, for the error
 * @param adopt Makes its new owner
 */
export function adoptFrom<Owner>(source: unknown, wanted: string, adopt: (fd: number) => Owner): Owner {
  const owned = ownerOf(source);
  if (owned !== undefined) {
    if (owned.fd === -1) throw new TypeError("Cannot adopt the descriptor: it is closed, or was given up");
    return owned.move(adopt);
  }
  if (typeof source !== "number") throw new TypeError(`Cannot adopt ${nameOf(source)}: ${wanted}`);
  if (!Number.isInteger(source) || source < 0 || source >= 2 ** 31) {
    throw new TypeError(`Cannot adopt descriptor ${source}: that is not a descriptor number`);
  }
  if (OwnedDescriptor.owns(source)) {
    throw new TypeError(`Cannot adopt descriptor ${source}: another object of this thread owns it`);
  }
  return adopt(source);
}

/** Makes the connection of a descriptor that came from elsewhere. If it is refused, it stays the caller's. */
export function adopted(fd: number, options: AdoptOptions): Connection {
  const type = typeOfSocket(fd);
  if (options.type !== undefined && options.type !== type) {
    throw new TypeError(`Cannot adopt descriptor ${fd}: it is of type "${type}", not "${options.type}"`);
  }
  const kind = kindOf(type, options);
  const socket = Socket.adopt(fd, type, options);
  try {
    return new Connection(socket, kind, options);
  } catch (error) {
    socket.detach();
    throw error;
  }
}
