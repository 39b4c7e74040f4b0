/**
 * Clients that come and go, over a path: `<runtime> bench/clients.ts [rounds] [module]`. A server in a process of its own, this
 * module's or the runtime's own. Prints microseconds per client, the minimum and the median of the rounds, which are interleaved,
 * and how many of them the client's process has used the processor for:
 *
 * - one by one: connect, write 64 bytes, read them back, close, 1,000 times;
 * - at once: 200 clients connect at the same time, and each reads a byte that the server has written when it accepted.
 */

import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { connect as connectNode, createServer } from "node:net";
import { tmpdir } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** A client's connection. */
interface Client {
  /** Writes 64 bytes and reads them back. */
  echo(): Promise<void>;
  /** Reads the server's greeting. */
  greeting(): Promise<void>;
  close(): Promise<void> | void;
}

/** Connects; or serves, with a greeting or an echo of what comes. */
interface Contestant {
  serve(path: string, greets: boolean): void;
  connect(path: string): Promise<Client>;
}

const ONES = 1000;
const AT_ONCE = 200;
const record = new Uint8Array(64).fill(7);
const globals = globalThis as unknown as { readonly Deno?: typeof Deno; readonly Bun?: BunSockets };

interface BunSocket {
  data: { got(): void; left: number };
  write(bytes: Uint8Array): number;
  end(): void;
}
interface BunSockets {
  listen(options: object): unknown;
  connect(options: object): Promise<BunSocket>;
}

async function ours(module: string): Promise<Contestant> {
  const { connect, listen } = await import(module) as typeof import("../unix/mod.ts");
  return {
    async serve(path, greets) {
      for await (const end of listen({ path })) {
        void (async () => {
          const buffer = new Uint8Array(1024);
          if (greets) await end.write(record.subarray(0, 1));
          for (let count; (count = await end.read(buffer));) await end.write(buffer.subarray(0, count));
          await end.close();
        })();
      }
    },
    async connect(path) {
      const end = await connect({ path });
      const buffer = new Uint8Array(1024);
      const read = async (length: number) => {
        for (let left = length; left > 0;) left -= (await end.read(buffer))!;
      };
      return {
        echo: async () => (await end.write(record), await read(64)),
        greeting: () => read(1),
        close: () => end.close(),
      };
    },
  };
}

const denoConnect: Contestant = {
  async serve(path, greets) {
    for await (const end of Deno.listen({ transport: "unix", path })) {
      void (async () => {
        const buffer = new Uint8Array(1024);
        if (greets) await end.write(record.subarray(0, 1));
        for (let count; (count = await end.read(buffer));) await end.write(buffer.subarray(0, count));
        end.close();
      })();
    }
  },
  async connect(path) {
    const end = await Deno.connect({ transport: "unix", path });
    const buffer = new Uint8Array(1024);
    const read = async (length: number) => {
      for (let left = length; left > 0;) left -= (await end.read(buffer))!;
    };
    return {
      echo: async () => (await end.write(record), await read(64)),
      greeting: () => read(1),
      close: () => end.close(),
    };
  },
};

const bunConnect: Contestant = {
  serve(path, greets) {
    const socket = {
      open: (it: BunSocket) => void (greets && it.write(record.subarray(0, 1))),
      data: (it: BunSocket, bytes: Uint8Array) => void it.write(bytes),
    };
    globals.Bun!.listen({ unix: path, socket });
  },
  async connect(path) {
    const state = { left: 0, early: 0, got: () => {} };
    const data = (_: BunSocket, bytes: Uint8Array) => {
      state.early += bytes.byteLength;
      if (state.early >= state.left) state.got();
    };
    const it = await globals.Bun!.connect({ unix: path, socket: { data } });
    const read = (length: number) => {
      state.left = length;
      return state.early >= length ? Promise.resolve() : new Promise<void>((resolve) => state.got = resolve);
    };
    return { echo: () => (it.write(record), read(64)), greeting: () => read(1), close: () => it.end() };
  },
};

const nodeNet: Contestant = {
  serve(path, greets) {
    createServer((socket) => {
      if (greets) socket.write(record.subarray(0, 1));
      socket.on("data", (bytes) => socket.write(bytes));
    }).listen({ path, backlog: 4096 });
  },
  connect: (path) =>
    new Promise((resolve, reject) => {
      let early = 0;
      let left = Infinity;
      let got = () => {};
      const socket = connectNode(path).on("error", reject).on("data", (bytes) => {
        early += bytes.length;
        if (early >= left) got();
      });
      const read = (length: number) => {
        left = length;
        return early >= length ? Promise.resolve() : new Promise<void>((done) => got = done);
      };
      const client = {
        echo: () => (socket.write(record), read(64)),
        greeting: () => read(1),
        close: () => void socket.destroy(),
      };
      socket.on("connect", () => resolve(client));
    }),
};

const [first, second, third] = process.argv.slice(2);
const module =
  new URL(`../${(first === "serve" ? third?.split("\n")[1] : second) ?? "unix/mod.ts"}`, import.meta.url).href;
const CONTESTANTS: Record<string, () => Contestant | Promise<Contestant>> = {
  "this module": () => ours(module),
  ...("Deno" in globalThis ? { "Deno.connect": () => denoConnect } : {}),
  ...("Bun" in globalThis ? { "Bun.connect": () => bunConnect } : {}),
  "node:net": () => nodeNet,
};

async function oneByOne({ connect }: Contestant, path: string): Promise<number> {
  const from = performance.now();
  for (let count = 0; count < ONES; count += 1) {
    const client = await connect(path);
    await client.echo();
    await client.close();
  }
  return (performance.now() - from) * 1000 / ONES;
}

async function atOnce({ connect }: Contestant, path: string): Promise<number> {
  const from = performance.now();
  const clients = await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    const client = await connect(path);
    await client.greeting();
    return client;
  }));
  const time = (performance.now() - from) * 1000 / AT_ONCE;
  for (const client of clients) await client.close();
  return time;
}

async function main(rounds: number): Promise<void> {
  const programs: (() => void)[] = [];
  const samples: [name: string, sample: () => Promise<number>, times: number[], used: number[]][] = [];
  for (const [name, make] of Object.entries(CONTESTANTS)) {
    const contestant = await make();
    for (const [what, sample] of [["one by one", oneByOne], ["at once", atOnce]] as const) {
      const path = `${tmpdir()}/clients-${process.pid}-${samples.length}`;
      const command = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
      const args = [
        ...command,
        fileURLToPath(import.meta.url),
        "serve",
        path,
        `${name},${what}\n${second ?? "unix/mod.ts"}`,
      ];
      const server = spawn(process.execPath, args, { stdio: ["pipe", "ignore", "inherit"] });
      programs.push(() => (server.kill("SIGKILL"), rmSync(path, { force: true })));
      while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 10));
      samples.push([`${what}, ${name}`, () => sample(contestant, path), [], []]);
    }
  }
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, sample, times, used] of round % 2 === 0 ? samples : samples.toReversed()) {
      const before = process.cpuUsage();
      const time = await sample();
      const { user, system } = process.cpuUsage(before);
      if (round < 0) continue;
      times.push(time);
      used.push((user + system) / (name.startsWith("at once") ? AT_ONCE : ONES));
    }
  }
  for (const [name, , ...figures] of samples.toSorted()) {
    const [times, used] = figures.map((it) => it.sort((a, b) => a - b)) as [number[], number[]];
    const median = (it: number[]) => it[it.length >> 1]!.toFixed(1);
    console.log(`${name}: ${times[0]!.toFixed(1)} us, median ${median(times)} us, processor ${median(used)} us`);
  }
  for (const end of programs) end();
  process.exit(0);
}

if (first === "serve") {
  // Whatever becomes of the client, the server ends with it.
  process.stdin.on("end", () => process.exit(0)).resume();
  const [name, what] = third!.split("\n")[0]!.split(",") as [string, string];
  (await CONTESTANTS[name]!()).serve(second!, what === "at once");
} else {
  await main(Number(first ?? 10));
}
