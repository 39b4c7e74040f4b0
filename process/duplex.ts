import { socketpair } from "../streams/socketpair.ts";
import type { Command, Pipeline, ProgramsOptions } from "./programs.ts";
import { startAll, takePrograms } from "./_start_all.ts";

const ACT = "Cannot join two programs";

/**
 * Joins two programs both ways: the output of each is the input of the other, by a socket pair of type `"stream"`.
 *
 * - Nothing that they send each other comes through JavaScript.
 * - Each has one socket as its standard input and output. Python programs that watch their pipes by asyncio do not work so: they
 *   take anything that can be read on their output for the end of the reader.
 * - A program that cannot be started ends the other: it reads the end. A program that ends without reading everything makes the
 *   other's next read or write fail (ECONNRESET), where a pipe would end it by SIGPIPE.
 *
 * @param first A program
 * @param second The other
 * @param options What both have in common
 * @returns Both, and how they ended
 * @throws {TypeError} If something is of the wrong kind, or an option is unknown. Nothing is started then
 * @throws {SocketError} EMFILE or ENFILE if the pair cannot be made. Nothing is started then
 *
 * @example Two programs that ask each other
 * ```ts
 * import { duplex } from "@socketpair/streams/process";
 *
 * const asks = 'echo 21; read -r answer; exit "$answer"';
 * const answers = 'read -r number; echo "$((number * 2))"';
 * const { statuses } = duplex(["sh", "-c", asks], ["sh", "-c", answers]);
 * console.log((await statuses).map(({ code }) => code)); // [ 42, 0 ]
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man2/socketpair.2.html | socketpair(2)}
 */
export function duplex(first: Command, second: Command, options: ProgramsOptions = {}): Pipeline {
  const { commands, options: taken } = takePrograms(ACT, [first, second], options);
  const [left, right] = socketpair();
  using _left = left;
  using _right = right;
  return startAll(ACT, [
    { command: commands[0]!, stdin: left, stdout: left },
    { command: commands[1]!, stdin: right, stdout: right },
  ], taken);
}
