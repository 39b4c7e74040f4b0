/** A server of the Model Context Protocol in a worker, over the end whose token it gets. */

import { SocketEnd, type TransferToken } from "../../mod.ts";
import { duplexOf } from "../streams/_adapters.ts";
import { mcp } from "./_mcp.ts";
import { finished, orders } from "./_port.ts";

// Before anything else is waited for: a message that nothing listens to is lost.
const end = SocketEnd.from(await orders<TransferToken<"bytes">>());
const { StdioServerTransport, McpServer } = await mcp();
const stream = duplexOf(end);
const errors: string[] = [];
stream.on("error", (error) => errors.push(String(error)));
const server = new McpServer({ name: "greeter", version: "1.0.0" });
server.registerTool("greet", { description: "Greets" }, () => ({ content: [{ type: "text", text: "hello" }] }));
await server.connect(new StdioServerTransport(stream, stream));
await end.closed.catch((error) => errors.push(`closed: ${error}`));
finished(errors);
