/** What a message says is read before any of it is put where other messages are put, too. */

import { openSync } from "node:fs";
import { closeSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Message, socketpair } from "../../mod.ts";
import { openFile } from "../peers/_sockets.ts";
import { assert, type MessageEnd, test } from "../_support.ts";

const data = (): Uint8Array => new Uint8Array([1, 2, 3]);
const me = { pid: process.pid, uid: process.getuid!(), gid: process.getgid!() };

/** The places of a message where a user's code runs. */
const PLACES: Record<string, (nested: () => void, fd: number) => Message> = {
  "credentials.pid": (nested, fd) => ({
    data: data(),
    descriptors: [fd],
    credentials: {
      ...me,
      get pid() {
        nested();
        return me.pid;
      },
    },
  }),
  "credentials.gid": (nested, fd) => ({
    data: data(),
    descriptors: [fd],
    credentials: {
      ...me,
      get gid() {
        nested();
        return me.gid;
      },
    },
  }),
  "valueOf() of credentials.pid": (nested, fd) => ({
    data: data(),
    descriptors: [fd],
    credentials: {
      ...me,
      pid: {
        valueOf() {
          nested();
          return me.pid;
        },
      } as never,
    },
  }),
  "credentials": (nested, fd) => ({
    data: data(),
    descriptors: [fd],
    get credentials() {
      nested();
      return me;
    },
  }),
  "descriptors": (nested, fd) => ({
    data: data(),
    get descriptors() {
      nested();
      return [fd];
    },
  }),
  "an element of descriptors": (nested, fd) => ({
    data: data(),
    descriptors: Object.defineProperty([fd], 0, {
      get() {
        nested();
        return fd;
      },
    }),
  }),
  "fd of a descriptor": (nested, fd) => ({
    data: data(),
    descriptors: [{
      get fd() {
        nested();
        return fd;
      },
    }],
  }),
  "data": (nested, fd) => ({
    get data() {
      nested();
      return data();
    },
    descriptors: [fd],
  }),
  "a part of data": (nested, fd) => ({
    data: Object.defineProperty([data()], 0, {
      get() {
        nested();
        return data();
      },
    }),
    descriptors: [fd],
  }),
};

/** What has come to an end: the bytes, and the files behind the descriptors. */
async function received(end: MessageEnd): Promise<[bytes: number[], files: string[]][]> {
  const messages: [number[], string[]][] = [];
  for await (const { data, descriptors } of end.readable) {
    messages.push([[...data], descriptors.map(({ fd }) => openFile(fd))]);
    for (const descriptor of descriptors) descriptor.close();
  }
  return messages;
}

for (const type of ["stream", "seqpacket"] as const) {
  for (const [place, messageOf] of Object.entries(PLACES)) {
    test(`${type}: writable sends each message its own descriptors where a getter writes another: ${place}`, async () => {
      await using outer = socketpair({ type, chunks: "messages" });
      await using inner = socketpair({ type, chunks: "messages" });
      const files = ["message_getters_test.ts", "ancillary_send_test.ts"]
        .map((name) => openSync(fileURLToPath(new URL(name, import.meta.url)), "r"));
      const [ours, secret] = files.map((fd) => openFile(fd));
      const writers = [outer[0].writable.getWriter(), inner[0].writable.getWriter()] as const;
      await Promise.all(writers.map(({ ready }) => ready));
      let nested: Promise<unknown> | undefined;
      const write = () =>
        void (nested ??= writers[1].write({ data: new Uint8Array([9]), descriptors: [files[1]!], credentials: me }));
      // A valueOf() may be refused: what is not sent cannot be wrong.
      const refused = await writers[0].write(messageOf(write, files[0]!)).then(
        () => false,
        (error) => error instanceof TypeError,
      );
      await nested;
      await Promise.all([outer[0].closeWrite(), inner[0].closeWrite()]);
      assert.deepEqual(await received(outer[1]), refused ? [] : [[[1, 2, 3], [ours]]]);
      if (nested !== undefined) assert.deepEqual(await received(inner[1]), [[[9], [secret]]]);
      for (const fd of files) closeSync(fd);
      assert.ok(!refused || place.startsWith("valueOf"));
    });
  }
}
