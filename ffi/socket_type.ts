import { CONSTANTS } from "./systems/linux.ts";

/** The kinds of socket that a pair can be made of. */
export type SocketType = "stream" | "dgram" | "seqpacket";

const NUMBERS: Record<SocketType, number> = {
  stream: CONSTANTS.SOCK_STREAM,
  dgram: CONSTANTS.SOCK_DGRAM,
  seqpacket: CONSTANTS.SOCK_SEQPACKET,
};

/** All of them. */
export const SOCKET_TYPES = Object.keys(NUMBERS) as readonly SocketType[];

/** What C calls it. */
export function numberOfType(type: SocketType): number {
  return NUMBERS[type];
}

/** Which one C calls that, if any. */
export function typeOfNumber(number: number): SocketType | undefined {
  return SOCKET_TYPES.find((type) => NUMBERS[type] === number);
}
