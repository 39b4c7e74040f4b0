/**
 * A byte stream that does not hold what its `framing` promises. The records before the fault were delivered.
 *
 * - `"ERR_FRAMING_CUT"`: the peer has finished in the middle of a record or of its length.
 * - `"ERR_FRAMING_TOO_LONG"`: a length is over `maxRecordSize`. If it is not in the other byte order, the message says so: the peer
 *   may use that order.
 *
 * @example Tell a peer that speaks something else
 * ```ts
 * import { FramingError, SocketEnd, socketpair } from "@socketpair/streams";
 *
 * const [browser, ours] = socketpair();
 * await using framed = SocketEnd.from(ours.detach().fd, { framing: "uint32be" });
 * await browser.write(new TextEncoder().encode("GET / HTTP/1.1"));
 * const error = await framed.read(new Uint8Array(1024)).catch((error) => error);
 * console.log(error instanceof FramingError && error.code); // ERR_FRAMING_TOO_LONG
 * await browser.close();
 * ```
 */
export class FramingError extends Error {
  /** "FramingError" */
  override readonly name: string = "FramingError";
  /** What is wrong. */
  readonly code: "ERR_FRAMING_CUT" | "ERR_FRAMING_TOO_LONG";

  /**
   * Not for use: such errors come from an end with `framing`.
   *
   * @param code What is wrong
   * @param message The same, for a person
   */
  constructor(code: "ERR_FRAMING_CUT" | "ERR_FRAMING_TOO_LONG", message: string) {
    super(message);
    this.code = code;
  }
}
