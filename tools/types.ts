/**
 * Whether the package's declarations compile where its users may be: `deno run -A tools/types.ts`.
 *
 * The oldest TypeScript and the newest, with the types of a browser, of Node, of Bun and of nothing, under the strictest options.
 */

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, summarize } from "./_steps.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What a user's program may do: a wrong type of one of these is an error here. */
const PROGRAM = `
import { type Bytes, ReceivedDescriptor, type ReceivedMessage, type SocketPairOptions } from "@socketpair/streams";
import { type AnyEnd, SocketEnd, SocketError, socketpair, type TransferToken } from "@socketpair/streams";
import { duplex, pipeline, spawn } from "@socketpair/streams/process";
import { connect, Listener, listen } from "@socketpair/streams/unix";
import { AF_UNIX, read, SOCK_STREAM, socketpair as raw } from "@socketpair/streams/ffi";

export async function program(options: SocketPairOptions, signal: AbortSignal): Promise<void> {
  await using pair = socketpair({ type: "seqpacket", signal });
  const [left, right] = pair;
  const sent: number = await left.write(new Uint8Array(8), { signal });
  const record: Uint8Array<ArrayBuffer> | undefined = (await right.readable.getReader().read()).value;
  for await (const chunk of right.readable) chunk.byteLength satisfies number;
  const bytes = socketpair()[0].readable.getReader({ mode: "byob" });
  const view: Uint8Array<ArrayBuffer> | undefined = (await bytes.read(new Uint8Array(8))).value;
  await left.readable.pipeTo(right.writable);
  for (const end of socketpair(options)) end.close() satisfies Promise<void>;
  const batches = socketpair({ type: "seqpacket", chunks: "batches" })[0];
  (await batches.readable.getReader().read()).value satisfies Uint8Array[] | undefined;
  const other: SocketEnd = SocketEnd.from(3);
  const messages = SocketEnd.from(socketpair({ chunks: "messages", credentials: true })[0].transfer());
  (await messages.readable.getReader().read()).value satisfies ReceivedMessage | undefined;
  same<TransferToken, TransferToken<"bytes" | "records">>(other.transfer());
  same<SocketEnd, SocketEnd>(SocketEnd.from(other.transfer(), { maxRecordSize: 1 }));
  same<SocketEnd, SocketEnd>(SocketEnd.from(JSON.parse("{}"))); // not known: as told here
  same<typeof batches, typeof batches>(SocketEnd.from(JSON.parse("{}"), { chunks: "batches" }));
  same<SocketEnd, SocketEnd>(SocketEnd.inherited("name", { allowHalfOpen: false, chunks: undefined }));
  same<AnyEnd, AnyEnd>(SocketEnd.from((batches as AnyEnd).transfer()));
  const exit = pipeline(["ls"], ["wc"]);
  spawn("cat", [], { stdio: [other, other, "inherit"] }).on("error", (error) => error.code satisfies string | undefined);
  await using server = listen({ path: "socket", type: "seqpacket", chunks: "batches", mode: 0o600, signal });
  for await (const end of server) (await end.readable.getReader().read()).value satisfies Uint8Array[] | undefined;
  const client: SocketEnd = await connect({ path: "socket", framing: "uint32be", bind: "own" });
  (await client.opened).remoteAddress satisfies string | null;
  (await Listener.inherited("name", { chunks: "messages" }).accept({ signal }))?.peerCredentials().pid satisfies number | undefined;
  read(raw(AF_UNIX, SOCK_STREAM, 0)[0], new Uint8Array(8)) satisfies number;
  void [ReceivedDescriptor, SocketError, duplex, exit, sent, record, view];
}

/** Compiles if the types are the same. */
declare function same<Expected, Told extends Expected>(value: Expected extends Told ? Told : never): void;
`;

/** A wrong use, which an \`any\` in place of a type would let pass. */
const WRONG = `
import { SocketEnd, socketpair, type SocketPairOptions } from "@socketpair/streams";
import { connect, listen } from "@socketpair/streams/unix";
declare const options: SocketPairOptions;
// @ts-expect-error: what its chunks are is not known
socketpair(options)[0] satisfies SocketEnd;
// @ts-expect-error: a name that is misspelt
socketpair({ type: "stream", framming: "uint32le" });
// @ts-expect-error: a name that is misspelt
SocketEnd.from(3, { chunks: "messages", credential: true });
// @ts-expect-error: a name that is misspelt
SocketEnd.inherited("name", { chunks: "records", allowHalfopen: false });
// @ts-expect-error: the token is of batches
SocketEnd.from(socketpair({ type: "seqpacket", chunks: "batches" })[0].transfer(), { chunks: "messages" });
// @ts-expect-error: a signal is one of the options
socketpair()[0].read(new Uint8Array(1), AbortSignal.abort());
// @ts-expect-error: a stream of bytes has no such method
socketpair()[0].readable.noSuchMethod();
// @ts-expect-error: a record is not a string
socketpair({ type: "seqpacket" })[0].writable.getWriter().write("text");
// @ts-expect-error: a call writes one record
socketpair({ type: "seqpacket", chunks: "batches" })[0].write([new Uint8Array(1), new Uint8Array(2)]);
// @ts-expect-error: there is no such option
listen({ path: "socket", bind: "own" });
// @ts-expect-error: a path is needed
connect({ type: "dgram" });
`;

const STRICT = {
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  target: "es2022",
};

/** The combinations; TypeScript 5.7's own lib "dom" contradicts today's @types/node, whatever the program. */
const CASES = ["typescript-oldest", "typescript"].flatMap((compiler) => [
  { compiler, lib: ["esnext"], types: [] },
  { compiler, lib: ["es2022"], types: [] },
  { compiler, lib: ["esnext", "dom", "dom.iterable", "dom.asynciterable"], types: [] },
  { compiler, lib: ["esnext"], types: [], module: "esnext", moduleResolution: "bundler" },
  { compiler, lib: ["esnext"], types: [compiler === "typescript" ? "bun" : "node"] },
]).concat({ compiler: "typescript-5.9", lib: ["esnext"], types: [] });

const folder = mkdtempSync(join(tmpdir(), "socketpair-types-"));
try {
  const installed = join(folder, "node_modules/@socketpair/streams");
  mkdirSync(installed, { recursive: true });
  cpSync(join(ROOT, "dist"), join(installed, "dist"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(installed, "package.json"));
  symlinkSync(join(ROOT, "node_modules/@types"), join(folder, "types"));
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  writeFileSync(join(folder, "program.ts"), PROGRAM);
  writeFileSync(join(folder, "wrong.ts"), WRONG);
  const steps = CASES.map(({ compiler, ...options }, index): [string, string[]] => {
    const config = join(folder, `tsconfig.${index}.json`);
    const compilerOptions = { ...STRICT, module: "nodenext", typeRoots: [join(folder, "types")], ...options };
    writeFileSync(config, JSON.stringify({ compilerOptions, files: ["program.ts", "wrong.ts"] }));
    const tsc = join(ROOT, "node_modules", compiler, "bin/tsc");
    return [`${compiler} ${JSON.stringify(options)}`, ["node", tsc, "-p", config]];
  });
  summarize(await run(steps));
} finally {
  rmSync(folder, { recursive: true });
}
