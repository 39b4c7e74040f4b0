/**
 * Long and mixed work: 200 pairs of all kinds between two processes with two workers each, again and again. Nothing may be
 * lost, doubled or out of order, and memory, threads and descriptors must stay what they are.
 *
 *   <runtime> tests/stress/soak/soak.ts [seconds] [seed]
 */

import process from "node:process";
import { type SocketEnd, socketpair } from "../../../mod.ts";
import { spawn } from "../../../process/mod.ts";
import { commandFor, type MessageEnd, runtime, stdioOf } from "../../_support.ts";
import { warmUpWorkers } from "../../children/_census.ts";
import { KINDS, optionsOf, randomOf, type Report, type Task, typeOf } from "./flow.ts";
import { type Census, census, heard, here, inWorker, type Outcome, Pending, type Place, sayer } from "./place.ts";

const PAIRS = 200;
const seconds = Number(process.argv[2] ?? 600);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const rounds = seconds < 60 ? 3 : 10;
/** The first ones: compilers, collectors and pools of the runtime are still growing. */
const warmUp = seconds < 60 ? 1 : 3;

const pending = new Pending<Report | Census>();
const random = randomOf(seed);

/** Starts the other process. */
function startChild(): { control: MessageEnd; place: (number: number) => Place; census(): Promise<Census> } {
  const [control, theirs] = socketpair({ type: "seqpacket", chunks: "messages" });
  const [program, args] = commandFor("tests/stress/soak/child.ts");
  const child = spawn(program, args, { stdio: stdioOf({ 3: theirs }) });
  process.on("exit", () => child.kill("SIGKILL"));
  const say = sayer(control);
  void (async () => {
    for await (const { data } of control.readable) {
      const { id, report, error } = heard<Outcome>(data);
      pending.settle(id, report, error);
    }
    pending.failAll("the other process has ended");
  })().catch((error) => pending.failAll(String(error)));
  return {
    control,
    place: (place) => async (end: SocketEnd, task: Task) => {
      const report = pending.wait(task.id) as Promise<Report>;
      await say({ place, task }, end);
      return await report;
    },
    census: async () => {
      const report = pending.wait("census") as Promise<Census>;
      await say({ place: 0 });
      return await report;
    },
  };
}

const totals = { records: 0, bytes: 0 };

/** Plays one pair, its ends wherever they belong, and compares what both have seen. */
async function playPair(name: string, index: number, ends: readonly [Place, Place], milliseconds: number) {
  const kind = KINDS[index % KINDS.length]!;
  const pair = socketpair({ type: typeOf(kind), ...optionsOf(kind) });
  const seeds = [random(), random()].map((value) => Math.floor(value * 2 ** 31)) as [number, number];
  const reports = await Promise.all(ends.map((place, side) => {
    const [sends, receives] = side === 0 ? seeds : [seeds[1], seeds[0]];
    return place(pair[side as 0 | 1] as SocketEnd, {
      id: `${name} ${kind} ${index} ${side}`,
      kind,
      sends,
      receives,
      milliseconds,
    });
  }));
  for (const side of [0, 1] as const) {
    const { sent } = reports[side]!;
    const { received } = reports[1 - side]!;
    // Chunks of a stream are cut anew on the way.
    const same = sent.bytes === received.bytes && sent.digest === received.digest &&
      (kind === "stream" || sent.records === received.records);
    if (!same) throw new Error(`${name} ${kind} ${index}: ${JSON.stringify({ sent, received })}`);
    totals.records += sent.records;
    totals.bytes += sent.bytes;
  }
}

const begin = performance.now();
const elapsed = () => (performance.now() - begin) / 1000;
console.log(`seed ${seed}`);
const watchdog = setTimeout(() => {
  console.error(`Not done after ${elapsed().toFixed(0)} s. Waiting for: ${pending.names.join(", ")}`);
  process.exit(1);
}, (seconds * 1.5 + 30) * 1000);

await warmUpWorkers();
const child = startChild();
const places: Place[] = [here, inWorker(), inWorker(), child.place(0), child.place(1), child.place(2)];
const routes = places.flatMap((left, index) => places.slice(index).map((right): [Place, Place] => [left, right]));

/** All the pairs at once, in all the places. Shows how much there is of everything while they work. */
async function playRound(name: string, milliseconds: number): Promise<[Census, Census]> {
  const playing = Array.from(
    { length: PAIRS },
    (_, index) => playPair(name, index, routes[index % routes.length]!, milliseconds),
  );
  const [, busy] = await Promise.all([
    Promise.all(playing),
    new Promise((resolve) => setTimeout(resolve, milliseconds * 0.8))
      .then(async (): Promise<[Census, Census]> => [census(), await child.census()]),
  ]);
  return busy;
}

/** What is open once all pairs are closed: what they have waited with is given back a moment after them. */
async function atRest(): Promise<[number, number]> {
  await new Promise((resolve) => setTimeout(resolve, 500));
  return [census().descriptors, (await child.census()).descriptors];
}

// Everybody has started, and has waited once, before anything is counted.
await playRound("start", 200);
const before = await atRest();
const busy: [Census, Census][] = [];
const remaining = Math.max(seconds - elapsed(), 2);
for (let round = 0; round < rounds; round += 1) {
  busy.push(await playRound(`round ${round}`, (remaining / rounds) * 1000 - 200));
}
const after = await atRest();

const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
const warm = busy.slice(warmUp - 1);
const processes = ([0, 1] as const).map((side) => {
  const rss = warm.map((both) => megabytes(both[side].rss)).join(" ");
  const threads = warm.map((both) => both[side].threads).join(" ");
  return `${side === 0 ? "this process" : "the other"}: RSS ${rss} MiB, threads ${threads}, descriptors ${
    before[side]
  } -> ${after[side]}`;
});
console.log(
  `${runtime}: ${totals.records} records, ${megabytes(totals.bytes)} MiB, ${PAIRS} pairs ${rounds + 1} times, ${
    elapsed().toFixed(1)
  } s, nothing lost, doubled or out of order; from the end of the warm-up on, ${processes.join("; ")}`,
);

for (const side of [0, 1] as const) {
  const [first, ...rest] = warm.map((both) => both[side]);
  if (after[side] > before[side]) throw new Error("descriptors were left open");
  // A runtime's collector or pool may start one or two at any time.
  if (rest.at(-1)!.threads > first!.threads + 2) throw new Error("threads were started and not ended");
  // In a short run heaps are still growing. In a long one they grow for minutes, and shrink again.
  const least = Math.min(...rest.slice(rest.length / 2).map(({ rss }) => rss));
  if (seconds >= 60 && least > 1.5 * first!.rss) throw new Error("memory grows");
}
clearTimeout(watchdog);
process.exit(0);
