/**
 * The demo: sends every file of a folder through a socket pair to a child process, which answers each record with its
 * SHA-256; checks boundaries, order and digests; prints what went over; exits with 1 if anything was wrong.
 *
 *   deno run -A examples/demo/parent.ts [folder] [deno|bun|node|python ...]
 *   bun examples/demo/parent.ts [folder] [deno|bun|node|python ...]
 *   node examples/demo/parent.ts [folder] [deno|bun|node|python ...]
 *
 * Default: this repository without `.git` and `node_modules`, and all four children. `npm run demo` does it under all
 * three runtimes. How files become records: `protocol.ts`.
 */

import process from "node:process";
import { fileURLToPath } from "node:url";
import { CHILDREN, start } from "./children.ts";
import { exchange, type Report } from "./exchange.ts";
import { type DemoFile, filesOf, madeUpFiles } from "./files.ts";
import { LIMIT } from "./protocol.ts";
import { filesTable, shortened, totalsTable } from "./table.ts";

/** Nothing if there is no such program here. */
async function ask(child: string, files: readonly DemoFile[]): Promise<Report | undefined> {
  const { end, exit } = start(child, LIMIT);
  const report = await exchange(end, files, LIMIT);
  await end.close().catch((reason) => report.mismatches.push(String(reason)));
  const code = await exit;
  if (code === "missing") return undefined;
  if (code !== 0) report.mismatches.push(`the child ended with ${code}`);
  return report;
}

function runtime(): string {
  const { Deno, Bun } = globalThis as { Deno?: { version: { deno: string } }; Bun?: { version: string } };
  return Deno ? `Deno ${Deno.version.deno}` : Bun ? `Bun ${Bun.version}` : `Node ${process.versions.node}`;
}

const given = process.argv.slice(2);
const chosen = given.filter((argument) => CHILDREN.includes(argument));
const folder = given.find((argument) => !CHILDREN.includes(argument));
const found = await filesOf(folder ?? fileURLToPath(new URL("../..", import.meta.url)));
const files = [...found, ...madeUpFiles(LIMIT)];

const reports = new Map<string, Report>();
const missing: string[] = [];
for (const child of chosen.length > 0 ? chosen : CHILDREN) {
  const report = await ask(child, files);
  if (report === undefined) missing.push(child);
  else reports.set(child, report);
}

console.log(`\nParent in ${runtime()}: each file is one record, or several of at most ${LIMIT} bytes\n`);
const first = reports.values().next().value;
if (first !== undefined) console.log(`${filesTable(first)}\n`);
console.log(totalsTable(reports));
for (const child of missing) console.log(`  skipped: no child in ${child}, which is not installed here`);
const wrong = [...reports].flatMap(([child, { mismatches }]) => mismatches.map((line) => `${child}: ${line}`));
for (const line of shortened(wrong, 10, 1, (count) => `(${count} more)`)) console.log(`  WRONG ${line}`);
if (wrong.length > 0 || reports.size === 0) process.exitCode = 1;
