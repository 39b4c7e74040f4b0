/**
 * The workload "start": `start.ts <contestant> <module> <socket path>`. A plain program without a `node:` import, because
 * what such an import costs would hide what the module costs. Prints the time from its first statement to the first
 * record, one end to the other in one thread.
 */

const from = performance.now();

interface Globals {
  readonly Deno?: typeof Deno;
  readonly Bun?: {
    listen(options: object): unknown;
    connect(options: object): Promise<{ write(bytes: Uint8Array): number }>;
  };
  // Asked for only where there is no Deno: there its first use takes long.
  readonly process: { readonly argv: readonly string[]; exit(): never };
}

const globals = globalThis as unknown as Globals;
const [contestant, module, path] = globals.Deno?.args ?? globals.process.argv.slice(2);
const record = new Uint8Array(64).fill(7);

/** Each gives what has arrived. */
const CONTESTANTS: Record<string, () => Promise<Uint8Array>> = {
  async "Deno.connect, read/write"() {
    const listener = Deno.listen({ transport: "unix", path: path! });
    const [left, right] = await Promise.all([Deno.connect({ transport: "unix", path: path! }), listener.accept()]);
    const buffer = new Uint8Array(1024);
    await left.write(record);
    return buffer.subarray(0, await right.read(buffer) ?? 0);
  },
  async "Bun.connect"() {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    const data = (_socket: unknown, bytes: Uint8Array) => resolve(bytes);
    globals.Bun!.listen({ unix: path, socket: { data } });
    const left = await globals.Bun!.connect({ unix: path, socket: { data } });
    left.write(record);
    return await promise;
  },
  async "node:net"() {
    const { connect, createServer } = await import("node:net");
    return await new Promise((resolve) => {
      const server = createServer((socket) => void socket.once("data", resolve));
      server.listen(path, () => void connect(path!).write(record));
    });
  },
};

async function ours(): Promise<Uint8Array> {
  const { socketpair } = await import(module!) as typeof import("../mod.ts");
  const [left, right] = socketpair({ type: "seqpacket" });
  const buffer = new Uint8Array(1024);
  await left.write(record);
  return buffer.subarray(0, await right.read(buffer) ?? 0);
}

const arrived = await (CONTESTANTS[contestant!] ?? ours)();
const ns = (performance.now() - from) * 1e6;
if (arrived.length !== 64 || arrived[63] !== 7) throw new Error(`A wrong record of ${arrived.length} bytes`);
console.log(JSON.stringify({ ns }));
(globals.Deno ?? globals.process).exit();
