/** A Listener: calls and the stream, how it ends, what it shows. */

import { existsSync } from "node:fs";
import { inspect } from "node:util";
import type { CallOptions, SocketEnd } from "../../mod.ts";
import { connect, listen, Listener } from "../../unix/mod.ts";
import { assert, delay, test } from "../_support.ts";
import { freshPath, read, thrownBy, write } from "./_support.ts";

test("accept() serves concurrent calls in their order", async () => {
  const path = freshPath();
  await using server = listen({ path });
  const calls = [server.accept(), server.accept(), server.accept()];
  for (const name of ["a", "b", "c"]) {
    const client = await connect({ path });
    await write(client, name);
    await client.close();
  }
  const ends = await Promise.all(calls);
  assert.deepEqual(await Promise.all(ends.map((end) => read(end!))), ["a", "b", "c"]);
  for (const end of ends) await end!.close();
});

test("for await gives one end a client, and leaving it closes the listener", async () => {
  const path = freshPath();
  const server = listen({ path });
  const clients = await Promise.all(Array.from({ length: 3 }, () => connect({ path })));
  let count = 0;
  for await (const end of server) {
    await end.close();
    count += 1;
    if (count === 2) break;
  }
  await server.closed;
  assert.deepEqual([count, server.fd, existsSync(path)], [2, -1, false]);
  assert.match((await thrownBy(() => connect({ path }))).code!, /ENOENT/);
  for (const client of clients) await client.close().catch(() => {});
});

test("a client that no one has asked for stays in the backlog", async () => {
  const path = freshPath();
  await using server = listen({ path, backlog: 0 });
  const reader = server.readable.getReader();
  await using first = await connect({ path });
  const { value } = await reader.read();
  await using second = await connect({ path });
  assert.equal((await thrownBy(() => connect({ path, signal: AbortSignal.timeout(20) }))).name, "TimeoutError");
  await value!.close();
  const { value: next } = await reader.read();
  await next!.close();
  assert.deepEqual([first.type, second.type], ["stream", "stream"]);
});

test("accept() is refused while readable is locked, and not any more", async () => {
  const path = freshPath();
  await using server = listen({ path });
  const reader = server.readable.getReader();
  assert.match((await thrownBy(() => server.accept())).message, /^Cannot accept: the readable is locked/);
  reader.releaseLock();
  await using _client = await connect({ path });
  await (await server.accept())!.close();
});

test("a reader that has let go takes no client from the next call", async () => {
  const path = freshPath();
  await using server = listen({ path });
  const reader = server.readable.getReader();
  const reading = thrownBy(() => reader.read());
  await delay(10);
  reader.releaseLock();
  await reading;
  await using client = await connect({ path });
  await delay(10);
  await using end = (await server.accept())!;
  await write(client, "x");
  assert.equal(await read(end), "x");
});

test("an end that was accepted and not taken is closed with the listener", async () => {
  const path = freshPath();
  const server = listen({ path });
  const first = server.readable.getReader();
  const reading = thrownBy(() => first.read());
  await delay(10);
  first.releaseLock();
  await reading;
  // The next reader has the request of the first: the client goes into the stream's queue, and no read takes it.
  const second = server.readable.getReader();
  await using client = await connect({ path });
  await delay(20);
  second.releaseLock();
  await server.close();
  assert.equal(await read(client), null);
});

test("signal of accept() ends that call alone, with its reason", async () => {
  const path = freshPath();
  await using server = listen({ path });
  const controller = new AbortController();
  const ended = thrownBy(() => server.accept({ signal: controller.signal }));
  const other = server.accept();
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(await ended, reason);
  assert.equal(await thrownBy(() => server.accept({ signal: controller.signal })), reason);
  await using _client = await connect({ path });
  await (await other)!.close();
});

test("close() gives null to calls that wait, and ends the stream", async () => {
  const server = listen({ path: freshPath() });
  const calls = [server.accept(), server.accept()];
  await server.close();
  assert.deepEqual(await Promise.all(calls), [null, null]);
  assert.deepEqual([await server.accept(), server.fd], [null, -1]);
  for await (const _ of server) assert.fail();
  await server.close();
});

test("close() closes no end that was given out, and refuses who was not accepted", async () => {
  const path = freshPath();
  const server = listen({ path });
  await using client = await connect({ path });
  await using end = (await server.accept())!;
  const refused = await connect({ path });
  await server.close();
  await write(client, "still here");
  assert.equal(await read(end), "still here");
  assert.equal(await read(refused), null);
  assert.match((await thrownBy(() => refused.closed)).code ?? "", /ECONNRESET|EPIPE/);
});

test("signal closes the listener and its ends, with its reason", async () => {
  const path = freshPath();
  const controller = new AbortController();
  const reason = new Error("enough");
  const server = listen({ path, signal: controller.signal });
  await using client = await connect({ path });
  const end = (await server.accept())!;
  const waiting = thrownBy(() => server.accept());
  controller.abort(reason);
  for (const error of [await waiting, await thrownBy(() => server.closed), await thrownBy(() => end.closed)]) {
    assert.equal(error, reason);
  }
  assert.equal(await thrownBy(() => server.readable.getReader().read()), reason);
  assert.deepEqual([existsSync(path), await read(client)], [false, null]);
  assert.equal(await thrownBy(() => listen({ path, signal: controller.signal })), reason);
});

test("both disposals close, at once", async () => {
  const path = freshPath();
  let server: Listener;
  {
    using disposed = listen({ path });
    server = disposed;
  }
  assert.ok(!existsSync(path));
  {
    await using _server = listen({ path });
  }
  assert.deepEqual([existsSync(path), server.fd], [false, -1]);
});

test("a Listener shows type, path, descriptor and state", async () => {
  const path = freshPath();
  const server = listen({ path, type: "seqpacket" });
  const { fd } = server;
  assert.equal(inspect(server), `Listener { type: "seqpacket", path: "${path}", fd: ${fd}, state: "open" }`);
  assert.equal(Object.prototype.toString.call(server), "[object Listener]");
  await server.close();
  assert.match(inspect(server), /fd: -1, state: "closed"/);
});

test("accept() refuses an option that there is not, and a signal that is none", async () => {
  await using server = listen({ path: freshPath() });
  const refused = (options: unknown) => server.accept(options as CallOptions);
  await assert.rejects(refused({ sygnal: undefined }), /Cannot accept: there is no option "sygnal", only signal/);
  await assert.rejects(refused({ signal: 5 }), /Cannot use a value of type number as signal/);
  await assert.rejects(refused(AbortSignal.abort()), /its options are an AbortSignal/);
  await assert.rejects(refused(null), /its options must be an object, not null/);
});

test("Listener.close() resets the clients that were not accepted", async () => {
  const path = freshPath();
  const server = listen({ path });
  const client = await connect({ path });
  await server.close();
  assert.equal(await client.read(new Uint8Array(1)), null);
  await assert.rejects(client.closed, { code: "ECONNRESET" });
});

test("a Listener cannot be constructed", () => {
  assert.throws(() => Reflect.construct(Listener, [{}]), /listen\(\) and Listener.from\(\) make them/);
});

test("what the chunks of the ends are follows from the options, also for the compiler", async () => {
  const path = freshPath();
  await using server = listen({ path, type: "seqpacket", chunks: "batches" });
  await using client = await connect({ path, type: "seqpacket" });
  client satisfies SocketEnd;
  await write(client, "one");
  await using end = (await server.accept())!;
  const { value } = await end.readable.getReader().read();
  value satisfies Uint8Array[] | undefined;
  assert.equal(value?.length, 1);
});

test("a second type of client is refused by the kernel, the listener goes on", async () => {
  const path = freshPath();
  await using server = listen({ path, type: "seqpacket" });
  assert.equal((await thrownBy(() => connect({ path }))).code, "EPROTOTYPE");
  await using client = await connect({ path, type: "seqpacket" });
  await using end = (await server.accept())!;
  await write(client, "");
  assert.equal(await read(end), "");
});
