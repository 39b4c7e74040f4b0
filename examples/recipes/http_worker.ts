/**
 * A web handler in a Worker: `node:http` asks and serves over a pair, on one connection that both sides keep.
 *
 *   bun examples/recipes/http_worker.ts
 *   node examples/recipes/http_worker.ts
 *
 * Not on Deno: its `node:http` ends a connection that it has not accepted itself after the first response.
 */

import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { SocketEnd, socketpair, type TransferToken } from "@socketpair/streams";

/** What node:http calls on a connection that it keeps. */
const STUBS = { setKeepAlive() {}, setNoDelay() {}, setTimeout() {}, ref() {}, unref() {} };

function connectionOf(end: SocketEnd): Duplex {
  return Object.assign(Duplex.fromWeb(end as unknown as Parameters<typeof Duplex.fromWeb>[0]), STUBS);
}

/** In the Worker. */
function serve(end: SocketEnd): void {
  const server = createServer((request, response) => response.end(`you asked for ${request.url}`));
  server.emit("connection", connectionOf(end));
}

async function main(): Promise<void> {
  const [ours, theirs] = socketpair();
  const worker = new Worker(new URL(import.meta.url), { workerData: theirs.transfer() });
  worker.on("error", (error: Error) => connection.destroy(error));
  worker.on("exit", () => connection.destroy(new Error("the Worker is gone")));
  const connection = connectionOf(ours);
  const createConnection = () => (console.log("connected"), connection);
  const agent = Object.assign(new Agent({ keepAlive: true, maxSockets: 1 }), { createConnection });
  for (const path of ["/a/page", "/another"]) {
    const [response] = await once(get({ path, agent }), "response") as [IncomingMessage];
    console.log(response.statusCode, await text(response));
  }
  agent.destroy();
}

if (isMainThread) await main();
else serve(SocketEnd.from(workerData as TransferToken));
