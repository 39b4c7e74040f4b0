/**
 * The demo's protocol, over a pair of type "seqpacket". The parent is told a limit, and tells the child by argument.
 *
 * Parent to child, for every file:
 *
 * - A file shorter than the limit is one record. An empty file is an empty record.
 * - Any other file goes in parts, none empty and none over the limit, with an empty record after the last. Its first part
 *   is as long as the limit, which no whole file is: that tells that parts follow.
 *
 * Child to parent: an empty record when it is up, then an answer of 32 bytes to each record, in order. The answer is the
 * record's SHA-256; to an empty record, that of the whole file which it ends.
 *
 * When the parent has no more files it ends its direction; the child answers what is left, and exits.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** Several records of this length fit into a default send buffer; the most that one could have is 212,960. */
export const LIMIT = 64 * 1024;

/** The length of an answer. */
export const ANSWER = 32;

/** Follows the records of one direction, and knows for each what the answer is. Both sides have one. */
export class Answers {
  readonly #limit: number;
  /** Of the file that is under way in parts. */
  #whole: ReturnType<typeof createHash> | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The answer to the next record. */
  next(record: Uint8Array): Uint8Array {
    const whole = this.#whole;
    if (whole !== undefined && record.byteLength === 0) {
      this.#whole = undefined;
      return whole.digest();
    }
    if (whole !== undefined) whole.update(record);
    else if (record.byteLength === this.#limit) this.#whole = createHash("sha256").update(record);
    return createHash("sha256").update(record).digest();
  }

  /** Whether the last file is complete. */
  get complete(): boolean {
    return this.#whole === undefined;
  }
}
