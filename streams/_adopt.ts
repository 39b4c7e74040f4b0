import { typeOfSocket } from "../ffi/adoptable.ts";
import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import { Socket } from "../ffi/socket.ts";
import { wrap } from "./_wrap.ts";
import type { AnyEnd } from "./any_end.ts";
import { Connection } from "./_connection.ts";
import { type AdoptOptions, kindOf } from "./options.ts";

/** Makes an end of a descriptor that no object of this thread owns. If it is refused, it stays the caller's. */
export function adoptNumber(fd: number, options: AdoptOptions): AnyEnd {
  if (!Number.isInteger(fd) || fd < 0 || fd >= 2 ** 31) {
    throw new TypeError(`Cannot adopt descriptor ${fd}: that is not a descriptor number`);
  }
  if (OwnedDescriptor.owns(fd)) {
    throw new TypeError(`Cannot adopt descriptor ${fd}: another object of this thread owns it`);
  }
  return adopt(fd, options);
}

/** Makes an end of a descriptor that has an owner, which it leaves. If it is refused, it stays there. */
export function adoptOwned(owned: OwnedDescriptor, options: AdoptOptions): AnyEnd {
  return owned.move((fd) => adopt(fd, options));
}

function adopt(fd: number, options: AdoptOptions): AnyEnd {
  const type = typeOfSocket(fd);
  const kind = kindOf(type, options);
  const socket = Socket.adopt(fd, type, options);
  try {
    return wrap(new Connection(socket, kind, options));
  } catch (error) {
    socket.abandon();
    throw error;
  }
}
