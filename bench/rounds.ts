/** Samples in turn: what the machine does to one contestant, it does to the others of the same round. */

import type { Row } from "./ratios.ts";
import type { Entry } from "./roster.ts";
import { NoSample, type Sample, Session, type Setting } from "./session.ts";

/** Sessions that are started at once. */
const STARTS = 2;

/** Takes the samples, and keeps what gave none. */
export class Rounds {
  readonly #setting: Setting;
  readonly #rounds: number;
  readonly #note: (message: string) => void;
  readonly skipped = new Map<string, string>();
  readonly failed = new Map<string, string>();

  constructor(setting: Setting, rounds: number, note: (message: string) => void) {
    this.#setting = setting;
    this.#rounds = rounds;
    this.#note = note;
  }

  /** All rounds of the contestants of one workload. */
  async take(entries: readonly Entry[]): Promise<Row[]> {
    const samples = new Map<Session, Sample[]>();
    const waiting = [...entries];
    const begin = async () => {
      for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
        const session = await this.#try(entry, Session.start(entry, this.#setting));
        if (session !== undefined) samples.set(session, []);
      }
    };
    try {
      await Promise.all(Array.from({ length: STARTS }, begin));
      // One round more, the first, which is not counted: it tells how many operations make a sample.
      for (let round = 0; round <= this.#rounds; round += 1) await this.#round(samples, round);
    } finally {
      for (const session of samples.keys()) session.stop();
    }
    this.#note(`${entries[0]?.workload ?? "nothing"}: ${samples.size} contestants`);
    // In the order of the roster, whichever was up first.
    return [...samples].map(([{ entry }, taken]) => ({
      ...entry,
      ns: taken.map(({ ns }) => ns),
      cpu: taken.flatMap(({ cpu }) => cpu ?? []),
    })).toSorted((one, other) => indexOf(entries, one) - indexOf(entries, other));
  }

  async #round(samples: Map<Session, Sample[]>, round: number): Promise<void> {
    const order = [...samples.keys()];
    if (round % 2 === 1) order.reverse();
    for (const session of order) {
      const sample = await this.#try(session.entry, session.sample());
      if (sample === undefined) samples.delete(session);
      else if (round > 0) samples.get(session)!.push(sample);
    }
  }

  async #try<T>(entry: Entry, result: Promise<T>): Promise<T | undefined> {
    try {
      return await result;
    } catch (reason) {
      if (!(reason instanceof NoSample)) throw reason;
      const { runtime, contestant, workload } = entry;
      (reason.skip ? this.skipped : this.failed).set(`${runtime}: ${contestant}, ${workload}`, reason.message);
      return undefined;
    }
  }
}

function indexOf(entries: readonly Entry[], { contestant, runtime }: Entry): number {
  return entries.findIndex((entry) => entry.contestant === contestant && entry.runtime === runtime);
}
