/** What a server meets: no descriptors left, clients that are gone, many clients, what no one has asked for. */

import { createConnection, createServer } from "node:net";
import { once } from "node:events";
import type { SocketEnd } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { connect, listen } from "../../unix/mod.ts";
import { assert, commandFor, delay, run, stdioOf, test } from "../_support.ts";
import { endOf, missing } from "../peers/_child.ts";
import { freshPath, read, write } from "./_support.ts";

for (const how of ["a call", "the stream"]) {
  test(`a listener survives that descriptors run out, asked by ${how}`, async () => {
    const [program, args] = commandFor("tests/unix/few_descriptors.ts");
    const command = ["-c", 'ulimit -n 256; exec "$0" "$@"', program, ...args, freshPath(), how];
    const { stdout, stderr } = await run("sh", command);
    assert.deepEqual(stdout.split("\n"), ["no client", "the client that waited: hello", "the next: 1", ""], stderr);
  });
}

for (
  const [situation, printed] of [["unref", "done ended at once"], ["close", "done ended at once"], ["one left", "done"]]
) {
  test(`a listener for which descriptors are short neither dies nor keeps the process: ${situation}`, async () => {
    const [program, args] = commandFor("tests/unix/shortage.ts");
    const command = ["-c", 'ulimit -n 256; exec "$0" "$@"', program, ...args, freshPath(), situation!];
    const { code, stdout, stderr } = await run("sh", command);
    assert.deepEqual([code, stdout.trim().replace("\n", " ")], [0, printed], stderr);
  });
}

test("a client that is gone before it is accepted is an end that reads what it sent, and null", async () => {
  const path = freshPath();
  await using server = listen({ path });
  const client = await connect({ path });
  await write(client, "last words");
  await client.close();
  await using end = (await server.accept())!;
  assert.deepEqual([await read(end), await read(end)], ["last words", null]);
});

test("1,000 that connect, 500 accepted by calls and 500 by the stream let the event loop turn", async () => {
  const path = freshPath();
  await using server = listen({ path, backlog: 4096 });
  let turns = 0;
  let running = true;
  const turn = () => void (turns += 1, running && setImmediate(turn));
  setImmediate(turn);
  const clients: SocketEnd[] = [];
  for (let count = 0; count < 1000; count += 1) clients.push(await connect({ path }));
  const connected = turns;
  const ends: SocketEnd[] = [];
  for (let count = 0; count < 500; count += 1) ends.push((await server.accept())!);
  const called = turns;
  for await (const end of server) if (ends.push(end) === clients.length) break;
  running = false;
  // At the latest after 256 of them, whatever the clock says.
  assert.ok(connected >= 3, `${connected} turns for 1,000 that connect`);
  assert.ok(called - connected >= 1, `${called - connected} turns for 500 clients by calls`);
  assert.ok(turns - called >= 1, `${turns - called} turns for 500 clients by the stream`);
  await Promise.all([...clients, ...ends].map((end) => end.close()));
});

for (const how of ["SHUT_RD", "SHUT_RDWR"]) {
  test(
    `a listener that another owner of the socket shuts down (${how}) is closed: an accept that waits gives null`,
    async () => {
      const server = listen({ path: freshPath() });
      const accepting = server.accept();
      await delay(5);
      const script = `import socket; socket.socket(fileno=3).shutdown(socket.${how})`;
      assert.equal(await endOf(spawn("python3", ["-c", script], { stdio: stdioOf({ 3: server }) })), 0);
      assert.equal(await accepting, null);
      await server.closed;
      assert.equal(server.fd, -1);
    },
    { skip: missing("python3") },
  );
}

test("2,000 clients one after the other leave nothing open", async () => {
  const path = freshPath();
  await using server = listen({ path });
  const serving = (async () => {
    for await (const end of server) {
      await write(end, (await read(end))!);
      await end.close();
    }
  })();
  for (let count = 0; count < 2000; count += 1) {
    const client = await connect({ path });
    await write(client, "x");
    assert.equal(await read(client, 4), "x");
    await client.close();
  }
  await server.close();
  await serving;
});

test("200 clients at once leave nothing open", async () => {
  const path = freshPath();
  await using server = listen({ path, type: "seqpacket", backlog: 10 });
  const answer = async () => {
    const end = (await server.accept())!;
    await write(end, `to ${await read(end, 100)}`);
    await end.close();
  };
  const ask = async (name: string) => {
    const client = await connect({ path, type: "seqpacket" });
    await write(client, name);
    assert.equal(await read(client, 100), `to ${name}`);
    await client.close();
  };
  const names = Array.from({ length: 200 }, (_, index) => String(index));
  await Promise.all(names.flatMap((name) => [answer(), ask(name)]));
});

test("descriptors that a client sends and no one asked for are closed", async () => {
  const path = freshPath();
  await using server = listen({ path, type: "seqpacket" });
  await using client = await connect({ path, type: "seqpacket", chunks: "messages" });
  const writer = client.writable.getWriter();
  await writer.write({ data: new Uint8Array(1), descriptors: [0, 1, 2] });
  await using end = (await server.accept())!;
  assert.equal(await end.read(new Uint8Array(10)), 1);
});

test("node:net is the client, and the server is ours", async () => {
  const path = freshPath();
  await using server = listen({ path });
  const client = createConnection(path);
  await using end = (await server.accept())!;
  client.end("from node:net");
  assert.deepEqual([await read(end), await read(end)], ["from node:net", null]);
  const received = once(client.setEncoding("utf8"), "data");
  await write(end, "to node:net");
  assert.deepEqual(await received, ["to node:net"]);
  const closed = once(client, "close");
  await end.close();
  await closed;
});

test("node:net is the server, and the client is ours", async () => {
  const path = freshPath();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("data", (part) => socket.write(`<${part}>`)).on("end", () => socket.end("bye"));
  });
  await once(server.listen(path), "listening");
  await using client = await connect({ path });
  await write(client, "hello");
  assert.equal(await read(client), "<hello>");
  await client.closeWrite();
  assert.deepEqual([await read(client), await read(client)], ["bye", null]);
  await new Promise((resolve) => server.close(resolve));
});

test("an idle listener lets the process end, an accept that waits does not, unless unref() says so", async () => {
  const outcomes = await Promise.all(["idle", "accept, unref"].map(async (situation) => {
    const [program, args] = commandFor("tests/unix/waiting.ts");
    return (await run(program, [...args, freshPath(), situation])).code;
  }));
  assert.deepEqual(outcomes, [0, 0]);
  for (const situation of ["accept", "stream", "accept, unref, ref"]) {
    const [program, args] = commandFor("tests/unix/waiting.ts");
    const path = freshPath();
    const running = run(program, [...args, path, situation]);
    for (;;) {
      await delay(20);
      const client = await connect({ path }).catch(() => undefined);
      if (client === undefined) continue;
      assert.equal(await read(client), "welcome", situation);
      await client.close();
      break;
    }
    const { stdout, stderr } = await running;
    assert.equal(stdout, "a client after a while\n", stderr);
  }
});
