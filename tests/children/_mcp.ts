/** As much as is used of `@modelcontextprotocol/sdk`, which brings some hundred packages and 30 MB, so that not every machine has it. */

import type { Duplex } from "node:stream";

interface Transport {
  close(): Promise<void>;
}

interface Named {
  readonly name: string;
  readonly version: string;
}

interface Result {
  readonly content: readonly { readonly type: string; readonly text: string }[];
}

/** The library. */
export interface Mcp {
  readonly StdioServerTransport: new (input: Duplex, output: Duplex) => Transport;
  readonly McpServer: new (info: Named) => {
    registerTool(name: string, config: object, tool: () => Result): unknown;
    connect(transport: Transport): Promise<void>;
  };
  readonly Client: new (info: Named) => {
    onerror?: (error: Error) => void;
    connect(transport: Transport): Promise<void>;
    callTool(call: { readonly name: string }): Promise<Result>;
    close(): Promise<void>;
  };
}

/** Not a literal in `import()`: a compiler would look for it. */
const NAME: string = "@modelcontextprotocol/sdk";

/** Loads it. Rejects if it is not installed. */
export async function mcp(): Promise<Mcp> {
  const files = ["server/stdio.js", "server/mcp.js", "client/index.js"];
  return Object.assign({}, ...await Promise.all(files.map((file) => import(`${NAME}/${file}`))));
}
