import process from "node:process";
import type { Outcome, Progress } from "./news.ts";

const WIDTH = 12;
/** Milliseconds between two lines of progress where a line cannot be replaced. */
const PACE = 2000;

/** What the demo prints. */
export class Screen {
  /** Children of which there is no program here. */
  readonly missing = new Set<string>();
  readonly #children: readonly string[];
  #hasFiles = false;
  #hasHeading = false;
  /** The exchange that is under way, and when a line told of it or of its beginning. */
  #exchange = "";
  #last = 0;

  constructor(children: readonly string[]) {
    this.#children = children;
  }

  /** How far an exchange is: in a terminal in one line that the next replaces. */
  progress(parent: string, { child, files, allFiles, bytes }: Progress): void {
    const exchange = `${parent} to ${child}`;
    if (exchange !== this.#exchange) this.#last = performance.now();
    this.#exchange = exchange;
    const line = `  ${exchange}: ${count(files)} of ${count(allFiles)} files, ${count(bytes / 1e6)} MB`;
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line}`);
    else if (performance.now() - this.#last >= PACE) {
      this.#last = performance.now();
      console.log(line);
    }
  }

  /** The files: the first time only. */
  filesOnce(table: string): void {
    if (this.#hasFiles) return;
    this.#hasFiles = true;
    this.#clear();
    console.log(`\n${table}\n`);
  }

  /** A parent's row of the grid. */
  row(parent: string, outcomes: readonly Outcome[]): void {
    this.#clear();
    if (!this.#hasHeading) console.log(line("parent", this.#children.map((child) => `to ${child}`)));
    this.#hasHeading = true;
    console.log(line(parent, this.#children.map((child) => cell(outcomes.find((outcome) => outcome.child === child)))));
  }

  /** What became of all. */
  last(done: readonly Outcome[], all: number, wrong: readonly string[]): void {
    const sum = (key: "records" | "bytes") => count(done.reduce((total, outcome) => total + outcome[key], 0));
    const good = done.filter(({ mismatches }) => mismatches.length === 0).length;
    const end = wrong.length === 0 && good === all ? "nothing lost" : "NOT ALL AS IT SHOULD BE";
    console.log("");
    for (const child of this.missing) console.log(`Skipped: ${child} is not installed here`);
    for (const fault of wrong) console.log(`WRONG ${fault}`);
    console.log(`${good} of ${all} exchanges: ${sum("records")} records, ${sum("bytes")} bytes, ${end}`);
  }

  #clear(): void {
    if (process.stdout.isTTY) process.stdout.write("\r\x1b[K");
  }
}

function count(number: number): string {
  return Math.round(number).toLocaleString("en");
}

function cell(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "✗";
  if (outcome.missing) return "-";
  return `${count(outcome.seconds * 1000)} ms ${outcome.mismatches.length === 0 ? "✓" : "✗"}`;
}

function line(first: string, cells: readonly string[]): string {
  return `  ${first.padEnd(8)}${cells.map((cell) => cell.padStart(WIDTH)).join("")}`;
}
