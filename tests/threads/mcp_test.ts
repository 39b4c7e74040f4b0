/** A server of the Model Context Protocol in a worker and its client here, over a pair: both end in order. */

import { socketpair } from "../../mod.ts";
import { assert, test } from "../_support.ts";
import { leavesNothing } from "../children/_census.ts";
import { hire, KINDS } from "../children/_hire.ts";
import { mcp } from "../children/_mcp.ts";
import { duplexOf } from "../streams/_adapters.ts";

const sdk = await mcp().catch(() => undefined);
const missing = sdk === undefined && "30 MB: npm install --no-save @modelcontextprotocol/sdk";

for (const [kind, skip] of KINDS) {
  test(`an MCP server in a worker answers its client, and both end in order: ${kind}`, () =>
    leavesNothing(async () => {
      const { StdioServerTransport, Client } = sdk!;
      const [ours, theirs] = socketpair();
      const worker = hire(kind, "../children/mcp_server.ts", theirs.transfer());
      const stream = duplexOf(ours);
      const errors: unknown[] = [];
      stream.on("error", (error) => errors.push(error));
      const client = new Client({ name: "guest", version: "1.0.0" });
      client.onerror = (error) => errors.push(error);
      await client.connect(new StdioServerTransport(stream, stream));
      const { content } = await client.callTool({ name: "greet" });
      assert.equal(content[0]?.text, "hello");
      await client.close();
      stream.end();
      stream.resume();
      assert.deepEqual(await worker.message(), []);
      await ours.closed;
      assert.equal(await worker.ended, 0);
      assert.deepEqual(errors, []);
    }), { census: false, skip: missing || skip });
}
