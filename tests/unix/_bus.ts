/** For tests: as much of D-Bus as a descriptor needs. */

import process from "node:process";
import type { ReceivedDescriptor } from "../../mod.ts";
import type { MessageEnd } from "../_support.ts";

/** Writes values one behind the other, each aligned as D-Bus has it. */
class Marshal {
  readonly bytes: number[] = [];

  align(size: number): this {
    while (this.bytes.length % size !== 0) this.bytes.push(0);
    return this;
  }
  byte(...values: number[]): this {
    this.bytes.push(...values);
    return this;
  }
  number(value: number): this {
    return this.align(4).byte(value & 255, value >> 8 & 255, value >> 16 & 255, value >>> 24);
  }
  text(value: string): this {
    return this.number(value.length).byte(...new TextEncoder().encode(value), 0);
  }
  signature(value: string): this {
    return this.byte(value.length, ...new TextEncoder().encode(value), 0);
  }
}

/** A connection to a message bus. */
export class Bus {
  readonly #writer: WritableStreamDefaultWriter<{ data: Uint8Array; descriptors?: number[] }>;
  readonly #reader: ReadableStreamDefaultReader<{ data: Uint8Array; descriptors: readonly ReceivedDescriptor[] }>;
  #serial = 0;
  #text = "";
  #descriptors: ReceivedDescriptor[] = [];
  /** The unique name that the bus has given. */
  name = "";

  private constructor(end: MessageEnd) {
    this.#writer = end.writable.getWriter();
    this.#reader = end.readable.getReader();
  }

  /** Says who this is, and asks for a name. */
  static async open(end: MessageEnd): Promise<Bus> {
    const bus = new Bus(end);
    const uid = [...String(process.getuid!())].map((it) => it.charCodeAt(0).toString(16)).join("");
    await bus.#say(`\0AUTH EXTERNAL ${uid}\r\n`, /^OK \w+\r\n/);
    await bus.#say("NEGOTIATE_UNIX_FD\r\n", /^AGREE_UNIX_FD\r\n/);
    await bus.#write(new TextEncoder().encode("BEGIN\r\n"));
    await bus.#call("org.freedesktop.DBus", "Hello");
    bus.name = (await bus.#until(/:1\.\d+/))[0];
    return bus;
  }

  /** Calls a method of this very connection, with a descriptor. Gives the one that comes back. */
  async sendToSelf(fd: number): Promise<ReceivedDescriptor> {
    await this.#call(this.name, "Take", fd);
    while (this.#descriptors.length === 0) await this.#read();
    return this.#descriptors.pop()!;
  }

  async #call(destination: string, member: string, fd?: number): Promise<void> {
    const fields = new Marshal();
    const field = (code: number, type: string, value: string) => {
      fields.align(8).byte(code).signature(type);
      if (type === "g") fields.signature(value);
      else fields.text(value);
    };
    field(1, "o", "/org/freedesktop/DBus");
    field(2, "s", "org.freedesktop.DBus");
    field(3, "s", member);
    field(6, "s", destination);
    if (fd !== undefined) {
      field(8, "g", "h");
      fields.align(8).byte(9).signature("u").number(1);
    }
    const body = fd === undefined ? [] : new Marshal().number(0).bytes;
    const message = new Marshal().byte(0x6c, 1, 0, 1).number(body.length).number(this.#serial += 1);
    message.number(fields.bytes.length).byte(...fields.bytes).align(8).byte(...body);
    await this.#write(new Uint8Array(message.bytes), fd);
  }

  async #write(data: Uint8Array, fd?: number): Promise<void> {
    await this.#writer.write(fd === undefined ? { data } : { data, descriptors: [fd] });
  }

  async #say(words: string, answer: RegExp): Promise<void> {
    await this.#write(new TextEncoder().encode(words));
    await this.#until(answer);
  }

  async #until(wanted: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = wanted.exec(this.#text);
      if (found !== null) {
        this.#text = "";
        return found;
      }
      await this.#read();
    }
  }

  async #read(): Promise<void> {
    const { value, done } = await this.#reader.read();
    if (done) throw new Error(`the bus ends after ${JSON.stringify(this.#text)}`);
    this.#text += new TextDecoder("latin1").decode(value.data);
    this.#descriptors.push(...value.descriptors);
  }
}
