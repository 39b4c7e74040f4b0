import type { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import { Socket } from "../ffi/socket.ts";
import type { SocketType } from "../ffi/socket_type.ts";
import { Connection } from "./_connection.ts";
import { kindOf, type SocketPairOptions } from "./options.ts";
import { SocketEnd } from "./socket_end.ts";
import { defaultSendBuffer } from "./socketpair.ts";

/** Where an end that was not born as one of a pair comes from. */
export interface Origin {
  readonly remoteAddress: string | null;
  readonly localAddress: string | null;
  /** Called before the descriptor is closed, and not when it is given up. */
  readonly onClose?: (() => void) | undefined;
}

/** Makes the end of a connected socket, whose owner it becomes. The options are checked. */
export function connectedEnd(
  owned: OwnedDescriptor,
  type: SocketType,
  options: SocketPairOptions,
  { remoteAddress, localAddress, onClose }: Origin,
): SocketEnd {
  const socket = owned.move((fd) => Socket.own(fd, type, { ...options, onClose }));
  try {
    const { sendBufferSize, receiveBufferSize, framing } = options;
    socket.setBufferSizes(sendBufferSize ?? defaultSendBuffer(type, framing !== undefined), receiveBufferSize);
    const connection = new Connection(socket, kindOf(type, options), options);
    return new SocketEnd(connection, { remoteAddress, localAddress, alpn: null });
  } catch (error) {
    socket.close();
    throw error;
  }
}
