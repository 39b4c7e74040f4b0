/** An end of the real module with what a program holds of it: a reader, a writer, the means to abort it. */

import { type ReceivedMessage, SocketEnd, type SocketEndOptions } from "../../../mod.ts";
import { isOpen, numberOf } from "../../_waiting.ts";
import type { Framing, Mode } from "./program.ts";
import type { Owner } from "./side.ts";

type Reader = ReadableStreamDefaultReader<unknown> | ReadableStreamBYOBReader;

/** An end of any kind: the model says which chunks it gives and takes. */
export type TestedEnd = SocketEnd<unknown, never>;

/** The limit of records with framing. */
export function maxFrame(framing: Framing): number {
  return framing.startsWith("uint16") ? 65_535 : 2_000_000;
}

/** The options of both ends. */
export function optionsOf({ chunk, framing, allowHalfOpen }: Mode): SocketEndOptions {
  return {
    allowHalfOpen,
    ...(framing === undefined ? {} : { framing, maxRecordSize: maxFrame(framing) }),
    ...(chunk === "batch" ? { chunks: "batches" } : {}),
    ...(chunk === "message" ? { chunks: "messages" } : {}),
  };
}

/** An end, as long as one owner has it. */
export class Holder {
  readonly end: TestedEnd;
  readonly owner: Owner;
  /** Of its signal; only for an end that was adopted, for a pair's options are those of both ends. */
  readonly controller: AbortController | undefined;
  /** How `closed` has settled. */
  outcome: { readonly reason?: unknown } | undefined;
  /** Whether `peerClosed` was asked for and has told. */
  peerClosed: "unasked" | "asked" | "told" = "unasked";
  /** Whether the writable has failed: to abort it then does nothing, by the standard. */
  writableFailed = false;
  #reader: Reader | undefined;
  #isByob = false;
  #writer: WritableStreamDefaultWriter<never> | undefined;

  constructor(end: TestedEnd, owner: Owner, controller?: AbortController) {
    this.end = end;
    this.owner = owner;
    this.controller = controller;
    end.closed.then(() => this.outcome = {}, (reason: unknown) => this.outcome = { reason });
  }

  /** Makes an end of a descriptor, or takes one that is made. */
  static adopt(mode: Mode, owner: Owner, make: (options: SocketEndOptions) => TestedEnd): Holder {
    const controller = new AbortController();
    return new Holder(make({ ...optionsOf(mode), signal: controller.signal }), owner, controller);
  }

  /** Whether the end has its descriptor. */
  get isOpen(): boolean {
    return isOpen(this.end);
  }

  /** The descriptor's number, without telling it: -1 if there is none. */
  get number(): number {
    return numberOf(this.end);
  }

  /** Whether a reader has the readable, or a writer the writable. */
  get isReading(): boolean {
    return this.#reader !== undefined;
  }

  get isWriting(): boolean {
    return this.#writer !== undefined;
  }

  get writer(): WritableStreamDefaultWriter<never> {
    if (this.#writer === undefined) {
      const writer = this.#writer = this.end.writable.getWriter();
      // A writer that lets go is told so by the same promise.
      writer.closed.catch(() => this.writableFailed ||= writer === this.#writer);
      this.#writer.ready.catch(() => {});
    }
    return this.#writer;
  }

  /** Writes once. Node throws where it is to reject: at a write after a close that is not yet over. */
  write(chunk: unknown): Promise<void> {
    try {
      return this.writer.write(chunk as never);
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_INTERNAL_ASSERTION") throw error;
      return Promise.reject(new TypeError("The stream is closing"));
    }
  }

  /** Gives the writer's lock back. */
  releaseWriter(): void {
    this.#writer?.releaseLock();
    this.#writer = undefined;
  }

  /** A reader of this kind; the other kind is given back, unless it has reads pending. */
  reader(byob: boolean, mayChange: boolean): Reader {
    if (this.#reader !== undefined && byob !== this.#isByob && mayChange) this.releaseReader();
    if (this.#reader === undefined) {
      this.#reader = byob ? this.end.readable.getReader({ mode: "byob" }) : this.end.readable.getReader();
      this.#isByob = byob;
      this.#reader.closed.catch(() => {});
    }
    return this.#reader;
  }

  /** Gives the reader's lock back: what it was still to read fails. */
  releaseReader(): void {
    this.#reader?.releaseLock();
    this.#reader = undefined;
  }

  cancel(reason: unknown): Promise<void> {
    return this.#reader === undefined ? this.end.readable.cancel(reason) : this.#reader.cancel(reason);
  }

  /** Reads once. */
  read(byob: boolean, mayChange: boolean, size: number, min: number): Promise<ReadableStreamReadResult<unknown>> {
    const reader = this.reader(byob, mayChange);
    if (!this.#isByob) return (reader as ReadableStreamDefaultReader<unknown>).read();
    return (reader as unknown as {
      read(view: Uint8Array, options: { min: number }): Promise<ReadableStreamReadResult<unknown>>;
    })
      .read(new Uint8Array(size), { min });
  }

  get isByob(): boolean {
    return this.#isByob;
  }

  /** The bytes or records of one chunk; descriptors that came along are closed. */
  static partsOf(mode: Mode, value: unknown): Uint8Array[] {
    if (mode.chunk === "batch") return value as Uint8Array[];
    if (mode.chunk !== "message") return [value as Uint8Array];
    const { data, descriptors } = value as ReceivedMessage;
    for (const descriptor of descriptors) descriptor.close();
    return [data];
  }

  /** Hands the descriptor on: by its number, by a token, or to a duplicate that stays when this end is closed. */
  handOver(mode: Mode, owner: Owner, by: "detach" | "transfer" | "duplicate", shared: boolean): Holder {
    if (by === "duplicate") {
      const next = new Holder(this.end.duplicate(), owner, this.controller);
      this.end[Symbol.dispose]();
      return next;
    }
    if (by === "transfer") {
      const token = this.end.transfer();
      return Holder.adopt(mode, owner, (options) => SocketEnd.from(token, options) as TestedEnd);
    }
    const { fd, unread } = this.end.detach();
    return Holder.adopt(mode, owner, (options) => SocketEnd.from(fd, { ...options, unread, shared }) as TestedEnd);
  }
}
