/**
 * One measurement, in a process of its own: `contestant.ts <runtime> <name> <workload> <placement> [Options as JSON]`.
 * Prints one line of JSON.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { GuestLauncher } from "./launch.ts";
import { type Contestant, type Hand, type Placement, Skip, type Workload } from "./port.ts";
import { load } from "./roster.ts";
import { Meter } from "./meter.ts";
import { first, Host, inTurn, type Load, type Result, serve } from "./workloads.ts";

const [runtime, contestant, workload, placement, options = "{}"] = process.argv.slice(2) as [
  string,
  string,
  Workload,
  Placement,
  string?,
];

interface Options extends Load {
  /** How many pairs at once. */
  readonly channels: number;
  /** Seconds after which it fails. */
  readonly timeout: number;
  /** Where sockets can be put; a folder of its own unless given. */
  readonly folder: string;
}

const given = JSON.parse(options) as Partial<Options>;
const plan: Options = { count: 1000, warm: 100, budget: 1, channels: 1, timeout: 20, folder: "", ...given };
const actual = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const folder = plan.folder || mkdtempSync(join(tmpdir(), "socketpair-bench-"));
const { channels } = plan;
const hand: Hand = { contestant, workload, placement, channels, path: join(folder, `${process.pid}`), fds: [] };
const launcher = new GuestLauncher(actual, hand, fail);

function finish(answer: object, code: number): never {
  launcher.stop();
  if (plan.folder === "") rmSync(folder, { recursive: true, force: true });
  console.log(JSON.stringify(answer));
  process.exit(code);
}

function fail(reason: unknown): never {
  if (reason instanceof Skip) return finish({ skip: reason.message }, 0);
  console.error(reason);
  return finish({ error: String(reason) }, 1);
}

async function measure(): Promise<object> {
  const meter = new Meter(launcher.pids);
  const from = performance.now();
  const candidate = await load(contestant);
  const result = await run(candidate, meter, from);
  return { ...result, ...meter.read(), ...candidate.spins?.() };
}

async function run(candidate: Contestant, meter: Meter, from: number): Promise<Result> {
  if (workload !== "W5" && placement !== "a") {
    return await new Host(workload, await candidate.connect!(launcher), plan, meter).run();
  }
  const pairs = await candidate.pair!(hand);
  if (workload === "W4") return await inTurn(pairs, plan, meter);
  if (workload === "W5") {
    await first(...pairs[0]!);
    return { operations: 1, seconds: (performance.now() - from) / 1000 };
  }
  serve(workload, pairs.map(([, guest]) => guest));
  return await new Host(workload, pairs.map(([host]) => host), plan, meter).run();
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
setTimeout(() => fail(new Error(`Not done after ${plan.timeout} seconds`)), plan.timeout * 1000);
if (actual !== runtime) fail(new Error(`This is ${actual}, not ${runtime}`));
measure().then((answer) => finish(answer, 0), fail);
