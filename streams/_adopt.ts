import { typeOfSocket } from "../ffi/descriptor.ts";
import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import { Socket } from "../ffi/socket.ts";
import { Connection } from "./_connection.ts";
import { type AdoptOptions, kindOf } from "./options.ts";

/** Makes the connection of a descriptor that no object of this thread owns. If it is refused, it stays the caller's. */
export function adoptNumber(fd: number, options: AdoptOptions): Connection {
  if (!Number.isInteger(fd) || fd < 0 || fd >= 2 ** 31) {
    throw new TypeError(`Cannot adopt descriptor ${fd}: that is not a descriptor number`);
  }
  if (OwnedDescriptor.owns(fd)) {
    throw new TypeError(`Cannot adopt descriptor ${fd}: another object of this thread owns it`);
  }
  return adopt(fd, options);
}

/** Makes the connection of a descriptor that has an owner, which it leaves. If it is refused, it stays there. */
export function adoptOwned(owned: OwnedDescriptor, options: AdoptOptions): Connection {
  return owned.move((fd) => adopt(fd, options));
}

function adopt(fd: number, options: AdoptOptions): Connection {
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
