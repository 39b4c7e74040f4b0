/** A contestant that runs: its host and its guest are up, and give a sample when they are asked. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { RUNNING, SCRIPT_ARGUMENTS } from "./launch.ts";
import type { Hand, Runtime } from "./port.ts";
import { BASE, type Entry } from "./roster.ts";

/** Nanoseconds an operation. */
export interface Sample {
  readonly ns: number;
  /** On a processor, of both sides. */
  readonly cpu?: number;
}

/** What all sessions of a run have in common. */
export interface Setting {
  /** A folder for sockets. */
  readonly folder: string;
  /** The C program, if there is a compiler. */
  readonly limit: string | undefined;
  /** What this module is imported as, and what the base is. */
  readonly module: string;
  readonly base: string;
  /** What the workload "start" imports: the built package, if there is one. */
  readonly built: string;
  /** Seconds to warm up, and seconds of a sample. */
  readonly warm: number;
  readonly seconds: number;
}

/** A contestant that gives no sample, and why. `skip`: it cannot run here at all. */
export class NoSample extends Error {
  readonly skip: boolean;

  constructor(message: string, skip = false) {
    super(message);
    this.skip = skip;
  }
}

/** Milliseconds that an answer may take beyond what was asked for. */
const PATIENCE = 15_000;
const CORES: Record<string, string> = { "C": "any", "C, one core": "one", "C, two cores": "two" };
const HOST = fileURLToPath(new URL("./host.ts", import.meta.url));
const START = fileURLToPath(new URL("./start.ts", import.meta.url));
let sessions = 0;

/** The program of a runtime: the one that runs, the one installed beside the sources, or what PATH has. */
function programOf(runtime: Runtime): string {
  if (runtime === RUNNING) return process.execPath;
  const installed = fileURLToPath(new URL(`../node_modules/.bin/${runtime}`, import.meta.url));
  return existsSync(installed) ? installed : runtime;
}

/** A runtime's version, or `undefined` if it is not there. */
export function versionOf(runtime: Runtime): string | undefined {
  const { status, stdout } = spawnSync(programOf(runtime), ["--version"], { encoding: "utf8", timeout: 10_000 });
  return status === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
}

/** The program with its arguments that measures an entry. */
function commandOf({ workload, runtime, contestant }: Entry, setting: Setting): [string, string[]] {
  if (runtime === "c") {
    if (setting.limit === undefined) throw new NoSample("there is no C compiler", true);
    return [setting.limit, [workload, CORES[contestant]!]];
  }
  const program = programOf(runtime);
  const path = `${setting.folder}/${sessions += 1}`;
  const module = contestant.startsWith(BASE) ? setting.base : setting.module;
  if (workload === "start") {
    const imported = contestant.startsWith(BASE) ? setting.base : setting.built;
    return [program, [...SCRIPT_ARGUMENTS[runtime], START, contestant, imported, path]];
  }
  const hand: Hand = { contestant, workload, path, module, fds: [] };
  return [program, [...SCRIPT_ARGUMENTS[runtime], HOST, JSON.stringify(hand), String(setting.warm)]];
}

/** One contestant's host, with its guest. In the workload "start" every sample has a process of its own. */
export class Session {
  readonly entry: Entry;
  readonly #setting: Setting;
  #child!: ChildProcess;
  #lines!: AsyncIterator<string>;
  #stderr = "";
  #last = 0;

  private constructor(entry: Entry, setting: Setting) {
    this.entry = entry;
    this.#setting = setting;
  }

  /** Starts both sides and warms them up. */
  static async start(entry: Entry, setting: Setting): Promise<Session> {
    const session = new Session(entry, setting);
    session.#spawn();
    session.#last = (await session.#answer()).ns;
    return session;
  }

  /** Takes one. */
  async sample(): Promise<Sample> {
    if (this.entry.workload === "start") {
      this.stop();
      this.#spawn();
    } else {
      const spent = this.entry.workload === "thought" ? 400_000 : 0;
      const count = Math.ceil(this.#setting.seconds * 1e9 / (Math.max(this.#last, 1) + spent));
      this.#child.stdin!.write(`${Math.min(Math.max(count, 50), 20_000_000)}\n`);
    }
    const sample = await this.#answer();
    this.#last = sample.ns;
    return sample;
  }

  /** Ends both sides. */
  stop(): void {
    try {
      process.kill(-this.#child.pid!, "SIGKILL");
    } catch {
      // They have ended already.
    }
  }

  #spawn(): void {
    const [program, args] = commandOf(this.entry, this.#setting);
    // A group of its own, so that a guest cannot be left behind.
    const env = { ...process.env, NO_COLOR: "1" };
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true, env });
    this.#child.on("error", (reason) => this.#stderr += reason.message);
    this.#child.stdin!.on("error", () => {});
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => this.#stderr += text);
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async #answer(): Promise<Sample> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new NoSample("no answer in time")), PATIENCE);
    try {
      const { done, value } = await Promise.race([this.#lines.next(), late]);
      if (done) throw new NoSample(`it has ended: ${this.#stderr.trim().split("\n").slice(0, 3).join(" | ")}`);
      const answer = JSON.parse(value) as Sample & { skip?: string; error?: string };
      if (answer.skip !== undefined) throw new NoSample(answer.skip, true);
      if (answer.error !== undefined) throw new NoSample(answer.error);
      return answer;
    } catch (reason) {
      this.stop();
      throw reason;
    } finally {
      clearTimeout(timer);
    }
  }
}
