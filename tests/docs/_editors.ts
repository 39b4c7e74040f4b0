/** What an editor asks of a language server: which options there are, and what each one is. */

import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";

/** A server with one file open. */
export interface Editor {
  /** The names that it offers at an offset. */
  complete(offset: number): Promise<string[]>;
  /** What it shows of the name at an offset: its type, then its documentation. */
  hover(offset: number): Promise<string>;
  close(): Promise<void>;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly items?: readonly unknown[] };
  readonly result?: unknown;
}

/** A server that speaks the Language Server Protocol, with a file open that need not be there. */
export class LanguageServer implements Editor {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  readonly #uri: string;
  readonly #text: string;
  readonly #gone: Promise<never>;
  #received: Buffer = Buffer.alloc(0);

  private constructor(child: ChildProcess, file: string, text: string) {
    this.#child = child;
    this.#uri = pathToFileURL(file).href;
    this.#text = text;
    this.#gone = new Promise((_, reject) => child.once("exit", () => reject(new Error("the server has ended"))));
    this.#gone.catch(() => {});
    child.stdout!.on("data", (bytes: Buffer) => this.#take(bytes));
  }

  static async start(command: readonly string[], root: string, file: string, text: string): Promise<LanguageServer> {
    const [program, ...args] = command;
    const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1" };
    const child = spawn(program!, args, { cwd: root, env, stdio: ["pipe", "pipe", "ignore"] });
    const server = new LanguageServer(child, file, text);
    const rootUri = pathToFileURL(root).href;
    await server.#ask("initialize", {
      processId: null,
      rootUri,
      workspaceFolders: [{ uri: rootUri, name: "root" }],
      capabilities: { textDocument: { hover: { contentFormat: ["markdown"] } }, workspace: { configuration: true } },
      initializationOptions: { enable: true },
    });
    server.#send({ method: "initialized", params: {} });
    const textDocument = { uri: server.#uri, languageId: "typescript", version: 1, text };
    server.#send({ method: "textDocument/didOpen", params: { textDocument } });
    return server;
  }

  async complete(offset: number): Promise<string[]> {
    const result = await this.#ask("textDocument/completion", { ...this.#at(offset), context: { triggerKind: 1 } });
    const { items } = (Array.isArray(result) ? { items: result } : result) as { items: { label: string }[] };
    return items.map(({ label }) => label.replace("?", ""));
  }

  async hover(offset: number): Promise<string> {
    const result = await this.#ask("textDocument/hover", this.#at(offset)) as { contents: { value: string } } | null;
    return result?.contents.value ?? "";
  }

  async close(): Promise<void> {
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    await this.#ask("shutdown", null);
    this.#send({ method: "exit" });
    this.#child.stdin!.end();
    await exited;
  }

  #at(offset: number): object {
    const before = this.#text.slice(0, offset).split("\n");
    const position = { line: before.length - 1, character: before.at(-1)!.length };
    return { textDocument: { uri: this.#uri }, position };
  }

  #ask(method: string, params: unknown): Promise<unknown> {
    const id = this.#waiting.size + 1;
    const answered = new Promise((resolve) => this.#waiting.set(id, resolve));
    this.#send({ id, method, params });
    return Promise.race([answered, this.#gone]);
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#child.stdin!.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const header = this.#received.indexOf("\r\n\r\n");
      if (header < 0) return;
      const end = header + 4 + Number(/Content-Length: (\d+)/i.exec(String(this.#received.subarray(0, header)))![1]);
      if (this.#received.length < end) return;
      const { id, method, params, result } = JSON.parse(String(this.#received.subarray(header + 4, end))) as Answer;
      this.#received = this.#received.subarray(end);
      if (id === undefined) continue;
      if (method === undefined) this.#waiting.get(id)!(result);
      else this.#send({ id, result: params?.items?.map(() => ({ enable: true })) ?? null });
    }
  }
}

/** The language service of a TypeScript that is a library. */
export function languageService(compiler: string, root: string, file: string, text: string): Editor {
  const ts = createRequire(import.meta.url)(compiler);
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ESNext,
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      types: ["node"],
    }),
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name: string) =>
      name !== file && !existsSync(name)
        ? undefined
        : ts.ScriptSnapshot.fromString(name === file ? text : readFileSync(name, "utf8")),
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: existsSync,
    readFile: (name: string) => readFileSync(name, "utf8"),
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  return {
    async complete(offset) {
      const found = await service.getCompletionsAtPosition(file, offset, {});
      return (found?.entries ?? []).map(({ name }: { name: string }) => name);
    },
    async hover(offset) {
      const info = await service.getQuickInfoAtPosition(file, offset);
      return `\`\`\`\n${ts.displayPartsToString(info?.displayParts)}\n\`\`\`\n${
        ts.displayPartsToString(info?.documentation)
      }`;
    },
    async close() {
      await service.dispose();
    },
  };
}
