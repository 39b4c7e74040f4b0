/** What keeps a thread's ends as busy as they can be, for the test of what else waits for it and for the benchmark. */

import process from "node:process";
import { type SocketEnd, socketpair } from "../../mod.ts";
import { connect, listen } from "../../unix/mod.ts";

export type GoesOn = () => boolean;
export type Work = (goesOn: GoesOn) => Promise<unknown>;

/** What keeps the thread busy without an end, 5 ms at a time: on a loaded machine even that makes a timer late. */
export const without: Work = async (goesOn) => {
  while (goesOn()) {
    for (const begin = performance.now(); performance.now() < begin + 5;);
    await new Promise((resolve) => setImmediate(resolve));
  }
};

/** Records go one way, read and written by turns. */
async function pump([left, right]: readonly [SocketEnd, SocketEnd], goesOn: GoesOn, size: number): Promise<void> {
  const buffer = new Uint8Array(size);
  while (goesOn()) {
    await left.write(buffer);
    await right.read(buffer);
  }
}

/** So many pumps, of records of so many bytes. */
export const pumps = (count: number, size: number): Work => async (goesOn) => {
  const pairs = Array.from({ length: count }, () => socketpair({ type: "seqpacket" }));
  await Promise.all(pairs.map(async (pair) => {
    await pump(pair, goesOn, size);
    await pair[Symbol.asyncDispose]();
  }));
};

const BYTE = new Uint8Array(1);

/** Clients that come and go, some at a time: they wait for a server in the same thread. */
export const clients: Work = async (goesOn) => {
  await using server = listen({ path: `\0clients ${process.pid} ${Math.random()}`, backlog: 4096 });
  while (goesOn()) {
    const { path } = server;
    const coming = await Promise.all(Array.from({ length: 500 }, () => connect({ path })));
    for (const client of coming) {
      const end = (await server.accept())!;
      await client.close();
      await end.read(BYTE);
      await end.close();
    }
  }
};

/** Messages with so many descriptors each. */
export const messages = (count: number): Work => async (goesOn) => {
  await using pair = socketpair({ type: "seqpacket", chunks: "messages" });
  const [writer, reader] = [pair[0].writable.getWriter(), pair[1].readable.getReader()];
  const message = { data: new Uint8Array(1), descriptors: Array<number>(count).fill(0) };
  while (goesOn()) {
    await writer.write(message);
    for (const descriptor of (await reader.read()).value!.descriptors) descriptor.close();
  }
};

/** Records of so many parts of one byte. */
export const parts = (count: number): Work => async (goesOn) => {
  await using pair = socketpair({ type: "seqpacket" });
  const chunk = Array.from({ length: count }, () => new Uint8Array(1));
  const buffer = new Uint8Array(count);
  while (goesOn()) {
    await pair[0].write(chunk);
    await pair[1].read(buffer);
  }
};

/** The same record again and again, behind its length. */
export const framed = (record: Uint8Array): Work => async (goesOn) => {
  await using pair = socketpair({ framing: "uint32le" });
  const [writer, reader] = [pair[0].writable.getWriter(), pair[1].readable.getReader()];
  while (goesOn()) await Promise.all([writer.write(record), reader.read()]);
};

/** Batches of so many records, of so many bytes each. */
export const batches = (count: number, size: number): Work => async (goesOn) => {
  await using pair = socketpair({ type: "seqpacket", chunks: "batches" });
  const [writer, reader] = [pair[0].writable.getWriter(), pair[1].readable.getReader()];
  const batch = Array.from({ length: count }, () => new Uint8Array(size));
  while (goesOn()) {
    const writing = writer.write(batch);
    for (let came = 0; came < count;) came += (await reader.read()).value!.length;
    await writing;
  }
};
