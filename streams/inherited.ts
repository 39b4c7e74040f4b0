import { environment } from "../ffi/libc.ts";

/** The environment variables that name the descriptors of a child: their numbers, and their names in the same order. */
export const FDS = "SOCKETPAIR_FDS";
export const FDNAMES = "SOCKETPAIR_FDNAMES";

const adopted = new Set<number>();

/**
 * Adopts the descriptor that the parent process has given to this one under a name, or the first. Each is given out once.
 *
 * @param adopt What makes an end of it. If it throws, the descriptor can be asked for again
 */
export function adoptInherited<End>(name: string | undefined, adopt: (fd: number) => End): End {
  const numbers = environment(FDS)?.split(":").filter(Boolean).map(Number) ?? [];
  if (numbers.length === 0) {
    throw new TypeError(`Cannot inherit an end: ${FDS} is not set, or may not be read (Deno: --allow-env)`);
  }
  const index = name === undefined ? 0 : (environment(FDNAMES)?.split(":") ?? []).indexOf(name);
  const fd = numbers[index];
  if (fd === undefined) throw new TypeError(`Cannot inherit an end: there is none of the name "${name}"`);
  if (adopted.has(fd)) throw new TypeError(`Cannot inherit an end: descriptor ${fd} was adopted before`);
  const end = adopt(fd);
  adopted.add(fd);
  return end;
}
