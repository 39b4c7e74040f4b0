/** connect(): what it takes, what it says, how it waits. */

import { existsSync } from "node:fs";
import process from "node:process";
import { close } from "../../ffi/mod.ts";
import { SocketEnd, SocketError } from "../../mod.ts";
import { connect, type ConnectOptions, listen } from "../../unix/mod.ts";
import { assert, delay, test } from "../_support.ts";
import { freshPath, read, thrownBy, write } from "./_support.ts";

for (const type of ["stream", "seqpacket"] as const) {
  for (const path of [freshPath(), "\0socketpair connect_test"]) {
    test(`connect() and listen() join a ${type} at ${path.startsWith("\0") ? "an abstract name" : "a path"}`, async () => {
      await using server = listen({ path, type });
      await using client = await connect({ path, type });
      await write(client, "before it is accepted");
      await using end = (await server.accept())!;
      assert.equal(await read(end), "before it is accepted");
      await write(end, "answer");
      assert.equal(await read(client), "answer");
      assert.deepEqual([client.type, end.type], [type, type]);
    });
  }
}

test("opened tells the paths of both sides, of a duplicate, and of an end that is made of a token", async () => {
  const path = freshPath();
  const bind = freshPath("client");
  await using server = listen({ path });
  await using client = await connect({ path, bind });
  await using end = (await server.accept())!;
  await using duplicate = end.duplicate();
  assert.deepEqual(await client.opened, { remoteAddress: path, localAddress: bind, alpn: null });
  await using moved = SocketEnd.from(structuredClone(end.transfer()));
  for (const it of [end, duplicate, moved]) {
    assert.deepEqual(await it.opened, { remoteAddress: bind, localAddress: path, alpn: null });
  }
});

test("close() takes the file away that bind has made, detach() leaves it", async () => {
  const path = freshPath();
  const [first, second] = [freshPath(), freshPath()];
  await using server = listen({ path });
  const closed = await connect({ path, bind: first });
  const detached = await connect({ path, bind: second });
  const { fd } = detached.detach();
  assert.ok(existsSync(first));
  closed[Symbol.dispose]();
  assert.deepEqual([existsSync(first), existsSync(second)], [false, true]);
  close(fd);
  for (let count = 0; count < 2; count += 1) await (await server.accept())!.close();
});

test("connect() that fails takes the file of bind away, and leaves nothing open", async () => {
  const bind = freshPath();
  const error = await thrownBy(() => connect({ path: freshPath(), bind }));
  assert.deepEqual([error.code, existsSync(bind)], ["ENOENT", false]);
});

test("connect() says EADDRINUSE of a name to bind that is taken, and names it", async () => {
  const [path, bind] = [freshPath(), freshPath()];
  await using _server = listen({ path });
  await using _other = listen({ path: bind });
  const error = await thrownBy(() => connect({ path, bind }));
  assert.equal(error.message, `Cannot bind "${bind}": the name is in use (EADDRINUSE)`);
  assert.ok(existsSync(bind));
});

test("connect() names the path and the reason", async () => {
  const path = freshPath();
  await using _server = listen({ path, type: "seqpacket" });
  const reasons: [string, string, string][] = [
    [freshPath(), "ENOENT", "there is no such file or folder"],
    [import.meta.filename!, "ECONNREFUSED", "nothing listens there"],
    ["\0socketpair nothing", "ECONNREFUSED", "nothing listens there"],
    [path, "EPROTOTYPE", "the socket there is of another type"],
    [`${path}/more`, "ENOTDIR", "a part of the path is no folder"],
  ];
  for (const [path, code, meaning] of reasons.filter(([path]) => path.length <= 107)) {
    const error = await thrownBy(() => connect({ path }));
    const shown = path.replace("\0", "\\0");
    assert.deepEqual([error instanceof SocketError, error.syscall], [true, "connect"]);
    assert.equal(error.message, `Cannot connect to "${shown}": ${meaning} (${code})`);
  }
});

test("connect() refuses a path over 107 bytes with both numbers", async () => {
  for (const path of ["/tmp/".padEnd(108, "x"), "\0".padEnd(109, "x"), "/tmp/".padEnd(106, "x") + "ü"]) {
    const error = await thrownBy(() => connect({ path }));
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, "Cannot use a path of 108 bytes: a socket's has at most 107");
  }
});

test("a path of 107 bytes and a name of 107 bytes work, a NUL in the middle of a name too", async () => {
  const base = freshPath();
  for (const path of [base.padEnd(107, "x"), "\0".padEnd(108, "x"), "\0a\0b", base + "ü€\u{1F600}"]) {
    await using server = listen({ path });
    await using client = await connect({ path });
    await using end = (await server.accept())!;
    assert.deepEqual([(await end.opened).localAddress, (await client.opened).remoteAddress], [path, path]);
  }
});

const WRONG: [string, object, RegExp][] = [
  ["an unknown option", { pathh: "x" }, /no option "pathh"/],
  ["an option of listen()", { mode: 0o600 }, /no option "mode"/],
  ["no path", { path: undefined }, /undefined as a path/],
  ["a path that is no string", { path: 5 }, /number as a path/],
  ["an empty path", { path: "" }, /empty path/],
  ["a path with a NUL", { path: "a\0b" }, /has a NUL/],
  ["an unknown type", { type: "raw" }, /"raw" as type/],
  ["framing of records", { type: "seqpacket", framing: "uint32le" }, /framing on type "seqpacket"/],
  ["credentials without messages", { credentials: true }, /credentials without/],
  ["a buffer of a wrong size", { sendBufferSize: 0 }, /sendBufferSize 0/],
  ["a wrong name to bind", { bind: "" }, /empty path/],
];

for (const [what, options, message] of WRONG) {
  test(`connect() refuses ${what}`, async () => {
    await assert.rejects(connect({ path: "/nowhere", ...options } as ConnectOptions), message);
  });
}

test("connect() refuses what is no object", async () => {
  for (const options of [undefined, null, 5]) {
    await assert.rejects(connect(options as unknown as ConnectOptions), /its options must be an object/);
  }
});

test("connect() waits while the backlog is full, and succeeds when there is room", async () => {
  const path = freshPath();
  await using server = listen({ path, backlog: 0 });
  await using first = await connect({ path });
  let settled = false;
  const second = connect({ path }).finally(() => settled = true);
  await delay(50);
  assert.equal(settled, false);
  await using accepted = (await server.accept())!;
  await using late = await second;
  await using other = (await server.accept())!;
  await write(late, "late");
  assert.deepEqual([await read(other), first.type, accepted.type], ["late", "stream", "stream"]);
});

test("signal ends a connect() that waits, with its reason, and nothing stays open", async () => {
  const path = freshPath();
  const bind = freshPath();
  await using _server = listen({ path, backlog: 0 });
  await using _first = await connect({ path });
  const error = await thrownBy(() => connect({ path, bind, signal: AbortSignal.timeout(30) }));
  assert.deepEqual([error.name, existsSync(bind)], ["TimeoutError", false]);
  const reason = new Error("before");
  assert.equal(await thrownBy(() => connect({ path, signal: AbortSignal.abort(reason) })), reason);
});

test("signal ends the end that connect() has made", async () => {
  const path = freshPath();
  await using server = listen({ path });
  const controller = new AbortController();
  const client = await connect({ path, signal: controller.signal });
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(await thrownBy(() => client.closed), reason);
  await (await server.accept())!.close();
});

test("peerCredentials() of both sides is the process on the other", async () => {
  const path = freshPath();
  await using server = listen({ path });
  await using client = await connect({ path });
  await using end = (await server.accept())!;
  for (const it of [client, end]) assert.equal(it.peerCredentials().pid, process.pid);
});

test("the chunk formats work over a path: framing, batches, messages with credentials", async () => {
  const path = freshPath();
  {
    await using server = listen({ path, framing: "uint32be", chunks: "batches" });
    await using client = await connect({ path, framing: "uint32be" });
    for (const text of ["one", "two"]) await write(client, text);
    await client.closeWrite();
    await using end = (await server.accept())!;
    const records: string[] = [];
    for await (const batch of end.readable) records.push(...batch.map((it) => new TextDecoder().decode(it)));
    assert.deepEqual(records, ["one", "two"]);
  }
  await using server = listen({ path, type: "seqpacket", chunks: "messages", credentials: true });
  await using client = await connect({ path, type: "seqpacket", chunks: "messages", credentials: true });
  await client.writable.getWriter().write({ data: new Uint8Array(3) });
  await using end = (await server.accept())!;
  await end.writable.getWriter().write({ data: new Uint8Array(4) });
  for (const it of [end, client]) {
    assert.equal((await it.readable.getReader().read()).value?.credentials?.pid, process.pid);
  }
  // The kernel has named the client, so that it can be answered.
  assert.match((await client.opened).localAddress!, /^\0/);
  assert.equal((await end.opened).remoteAddress, (await client.opened).localAddress);
});
