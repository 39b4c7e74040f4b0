import { readdirSync, readFileSync } from "node:fs";

/** What a process costs beside time. */
export interface Cost {
  /** Processor time of host and guest in seconds, in the measured part. */
  readonly cpu: number;
  /** Threads of the host at the end. */
  readonly threads: number;
  /** Resident memory of the host at the end, beyond that at the start, in bytes. */
  readonly memory: number;
}

/** Reads threads, memory and processor time from /proc. */
export class Meter {
  readonly #guests: readonly number[];
  readonly #memory = resident();
  #from = 0;
  #cpu = 0;

  /** @param guests The process ids of guests, as far as there are any when it is read */
  constructor(guests: readonly number[]) {
    this.#guests = guests;
  }

  /** The measured part begins. */
  begin(): void {
    this.#from = this.#used();
  }

  /** The measured part ends. */
  end(): void {
    this.#cpu = this.#used() - this.#from;
  }

  /** What it came to. */
  read(): Cost {
    return {
      cpu: this.#cpu,
      threads: readdirSync("/proc/self/task").length,
      memory: resident() - this.#memory,
    };
  }

  #used(): number {
    let seconds = 0;
    for (const id of ["self", ...this.#guests]) seconds += used(id);
    return seconds;
  }
}

/** Time on a processor of all its threads (the first number of schedstat, in nanoseconds). */
function used(id: string | number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${id}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${id}/task/${thread}/schedstat`, "latin1").split(" ")[0]);
    } catch {
      // The thread has ended meanwhile.
    }
  }
  return nanoseconds / 1e9;
}

function resident(): number {
  return Number(readFileSync("/proc/self/statm", "latin1").split(" ")[1]) * 4096;
}
