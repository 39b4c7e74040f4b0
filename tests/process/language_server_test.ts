/** A language server over one end, spoken to by the library that editors use: it is asked, shuts down and exits in order. */

import { socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { assert, commandFor, test } from "../_support.ts";
import { duplexOf } from "../streams/_adapters.ts";

const require = createRequire(import.meta.url);
const server = join(dirname(require.resolve("typescript-language-server/package.json")), "lib/cli.mjs");
const tsserver = join(dirname(require.resolve("typescript-5.9/package.json")), "lib/tsserver.js");
const [node] = commandFor("", "node");
const TEXT = "const answer: number = 42;\n";

test("a language server over one end answers, and exits in order", async () => {
  const [ours, theirs] = socketpair();
  const child = spawn(node, [server, "--stdio"], { stdio: [theirs, theirs, "inherit"] });
  const exited = new Promise((resolve) => child.on("exit", resolve));
  const stream = duplexOf(ours);
  const errors: unknown[] = [];
  stream.on("error", (error) => errors.push(error));
  const connection = createMessageConnection(new StreamMessageReader(stream), new StreamMessageWriter(stream));
  connection.onError((error) => errors.push(error));
  const closed = new Promise<void>((resolve) => connection.onClose(resolve));
  connection.listen();
  const root = dirname(server);
  await connection.sendRequest("initialize", {
    processId: null,
    rootUri: pathToFileURL(root).href,
    capabilities: {},
    initializationOptions: { tsserver: { path: tsserver }, disableAutomaticTypingAcquisition: true },
  });
  await connection.sendNotification("initialized", {});
  const uri = pathToFileURL(join(root, "answer.ts")).href;
  const textDocument = { uri, languageId: "typescript", version: 1, text: TEXT };
  await connection.sendNotification("textDocument/didOpen", { textDocument });
  const position = { line: 0, character: 7 };
  const hover = await connection.sendRequest("textDocument/hover", { textDocument: { uri }, position });
  assert.match(JSON.stringify(hover), /const answer: number/);
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  assert.equal(await exited, 0);
  await closed;
  await ours.closed;
  assert.deepEqual(errors, []);
  connection.dispose();
}, { timeout: 60_000 });
