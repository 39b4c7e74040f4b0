/**
 * A server of the Model Context Protocol in a Worker: the transport between the two is an end, a record for each message.
 * It takes `npm install @modelcontextprotocol/sdk zod`.
 *
 *   deno run --allow-ffi --allow-read --allow-env examples/recipes/mcp_worker.ts
 *   bun examples/recipes/mcp_worker.ts
 *   node examples/recipes/mcp_worker.ts
 */

import { isMainThread, Worker, workerData } from "node:worker_threads";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { SocketEnd, socketpair, type TransferToken } from "@socketpair/streams";
import { z } from "zod";

function transportOf(end: SocketEnd): Transport {
  const transport: Transport = {
    start: () => Promise.resolve(void receive()),
    send: async (message) => void await end.write(new TextEncoder().encode(JSON.stringify(message))),
    close: () => end.close(),
  };
  async function receive(): Promise<void> {
    try {
      for await (const record of end.readable) transport.onmessage?.(JSON.parse(new TextDecoder().decode(record)));
    } catch (error) {
      transport.onerror?.(error as Error);
    }
    transport.onclose?.();
  }
  return transport;
}

if (isMainThread) {
  const [ours, theirs] = socketpair({ framing: "uint32le" });
  const worker = new Worker(new URL(import.meta.url), { workerData: theirs.transfer() });
  worker.on("error", (error) => ours.close(error).catch(() => {}));
  worker.on("exit", () => ours.closeRead()); // then the client's connection is closed
  const client = new Client({ name: "example", version: "1.0.0" });
  await client.connect(transportOf(ours));
  console.log((await client.listTools()).tools.map(({ name }) => name).join());
  const { content } = await client.callTool({ name: "add", arguments: { a: 40, b: 2 } });
  console.log((content as { text: string }[])[0]!.text);
  await client.close();
} else {
  const server = new McpServer({ name: "adder", version: "1.0.0" });
  const inputSchema = { a: z.number(), b: z.number() };
  server.registerTool("add", { inputSchema }, ({ a, b }) => ({ content: [{ type: "text", text: `${a + b}` }] }));
  await server.connect(transportOf(SocketEnd.from(workerData as TransferToken)));
}
