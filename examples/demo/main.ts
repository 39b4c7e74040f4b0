/**
 * The demo: `npm run demo [-- folder] [deno|bun|node ...]`. A parent in each runtime sends every file of a folder through socket pairs
 * to children in Deno, Bun, Node and Python, which answer each record with its SHA-256. The parents check boundaries, order and
 * digests. Exits with 1 if anything was wrong.
 *
 *   deno run -A examples/demo/main.ts [folder] [deno|bun|node ...]
 *   bun examples/demo/main.ts [folder] [deno|bun|node ...]
 *   node examples/demo/main.ts [folder] [deno|bun|node ...]
 *
 * Default: this repository without `.git` and `node_modules`, and all three parents.
 */

import { statSync } from "node:fs";
import process from "node:process";
import { socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";
import { CHILDREN, here, locate } from "./children.ts";
import type { News, Outcome } from "./news.ts";
import { LIMIT } from "./protocol.ts";
import { Screen } from "./screen.ts";

/** How each parent is started. */
const PARENTS: Record<string, readonly string[]> = {
  deno: ["run", "-A", here("parent.ts")],
  bun: [here("parent.ts")],
  node: ["--disable-warning=ExperimentalWarning", here("parent.ts")],
};

/** Runs a parent; what became of its exchanges, and what was wrong with itself. */
async function runParent(name: string, folder: string, screen: Screen): Promise<[Outcome[], string[]]> {
  const [ours, theirs] = socketpair({ type: "seqpacket" });
  const stdio = ["ignore", "inherit", "inherit", theirs] as const;
  const parent = spawn(locate(name), [...PARENTS[name]!, folder, ...CHILDREN], { stdio });
  const exit = new Promise<number | string>((resolve) => {
    parent.on("error", (error) => {
      theirs[Symbol.dispose]();
      resolve(String(error));
    });
    parent.on("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  const outcomes: Outcome[] = [];
  for await (const record of ours.readable) {
    const news: News = JSON.parse(new TextDecoder().decode(record));
    if (news.kind === "progress") screen.progress(name, news);
    else {
      outcomes.push(news);
      if (!news.missing && news.mismatches.length === 0) screen.filesOnce(news.table);
    }
  }
  await ours.close();
  const code = await exit;
  return [outcomes, code === 0 ? [] : [`the parent ended with ${code}`]];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

const given = process.argv.slice(2);
const chosen = given.filter((argument) => argument in PARENTS);
const parents = chosen.length > 0 ? chosen : Object.keys(PARENTS);
const folder = given.find((argument) => !(argument in PARENTS)) ?? here("../..");
if (!isFolder(folder)) {
  console.error(`Cannot run the demo: there is no folder ${folder}`);
  process.exit(1);
}

const screen = new Screen(CHILDREN);
console.log(
  `Every file in ${folder} goes through a socket pair to ${CHILDREN.length} children, in records of at most ` +
    `${LIMIT.toLocaleString("en")} bytes; they answer each with its SHA-256.`,
);
const wrong: string[] = [];
const done: Outcome[] = [];
for (const parent of parents) {
  const [outcomes, faults] = await runParent(parent, folder, screen);
  screen.row(parent, outcomes);
  const ran = outcomes.filter(({ missing }) => !missing);
  done.push(...ran);
  for (const { child, mismatches } of ran) wrong.push(...mismatches.map((line) => `${parent} to ${child}: ${line}`));
  wrong.push(...faults.map((line) => `${parent}: ${line}`));
  for (const { child, missing } of outcomes) if (missing) screen.missing.add(child);
}
const all = parents.length * (CHILDREN.length - screen.missing.size);
screen.last(done, all, wrong);
if (wrong.length > 0 || done.length < all) process.exitCode = 1;
