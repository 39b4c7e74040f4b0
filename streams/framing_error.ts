/**
 * A byte stream that does not hold what its `framing` promises. The records before the fault were delivered.
 *
 * - `"ERR_FRAMING_CUT"`: the peer ended in the middle of a record or of its length.
 * - `"ERR_FRAMING_TOO_LONG"`: a length is over `maxRecordSize`. If it would not be in the other byte order, the message says
 *   so: the peer may write that one.
 *
 * @example Tell a peer that speaks something else
 * ```ts
 * import { FramingError, socketpair } from "@socketpair/streams";
 *
 * const [left, right] = socketpair();
 * await using framed = right;
 * const end = await left.write(new TextEncoder().encode("GET / HTTP/1.1"));
 * console.log(end, FramingError.name); // 14 FramingError
 * await left.close();
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
