/**
 * A contestant's host, which starts its guest: `host.ts <Hand as JSON> <seconds to warm up>`. Says on stdout when it is
 * ready. Then every line of stdin asks for a number of operations, and is answered by a line: nanoseconds an operation,
 * of time and of CPU on both sides. Ends with stdin.
 */

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { GuestLauncher } from "./launch.ts";
import { type Hand, Skip } from "./port.ts";
import { load } from "./roster.ts";
import { Host, THOUGHT } from "./workloads.ts";

const hand = JSON.parse(process.argv[2]!) as Hand;
const warm = Number(process.argv[3]) * 1000;
const launcher = new GuestLauncher(hand, fail);

function finish(answer: object): never {
  launcher.stop();
  console.log(JSON.stringify(answer));
  process.exit();
}

function fail(reason: unknown): never {
  if (reason instanceof Skip) return finish({ skip: reason.message });
  console.error(reason);
  return finish({ error: String(reason) });
}

/** Nanoseconds on a processor of all threads of a process: the first number of schedstat. */
function cpuOf(id: string): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${id}/task`)) {
    try {
      sum += Number(readFileSync(`/proc/${id}/task/${thread}/schedstat`, "latin1").split(" ")[0]);
    } catch {
      // The thread has ended meanwhile.
    }
  }
  return sum;
}

const cpu = () => ["self", ...launcher.pids.map(String)].reduce((sum, id) => sum + cpuOf(id), 0);

/** The thought is no part of what is measured. */
const thought = hand.workload === "thought" ? 2 * THOUGHT * 1e6 : 0;

async function sample(host: Host, count: number): Promise<{ ns: number; cpu: number }> {
  // Not measured: while it waited for its turn, the runtime may have given its free memory back to the system.
  await host.go(count);
  const cpuFrom = cpu();
  const from = performance.now();
  await host.go(count);
  const ns = (performance.now() - from) * 1e6;
  return { ns: ns / count - thought, cpu: (cpu() - cpuFrom) / count - thought };
}

async function run(): Promise<void> {
  const contestant = await load(hand);
  const host = new Host(hand.workload, await contestant.host(launcher));
  host.receive().then(() => fail(new Error("The channel has ended")), fail);
  await host.go(1);
  const from = performance.now();
  for (let count = 64; performance.now() - from < warm; count *= 2) await host.go(count);
  console.log(JSON.stringify(await sample(host, 64)));
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await sample(host, Number(line))));
  }
  launcher.stop();
  process.exit();
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
run().catch(fail);
