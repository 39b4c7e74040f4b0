/**
 * One parent of the demo: sends every file of a folder through a socket pair to one child after another, and tells how it went on
 * descriptor 3. `main.ts` starts one in each runtime.
 *
 * Its arguments are the folder and the kinds of child. How files become records: `protocol.ts`.
 */

import process from "node:process";
import { SocketEnd } from "@socketpair/streams";
import { start } from "./children.ts";
import { exchange } from "./exchange.ts";
import { filesOf, madeUpFiles } from "./files.ts";
import { NEWS, type News } from "./news.ts";
import { LIMIT } from "./protocol.ts";
import { filesTable, shortened } from "./table.ts";

/** Milliseconds between two records of progress. */
const PACE = 200;

const [folder, ...children] = process.argv.slice(2);
await using main = SocketEnd.from(NEWS, { chunks: "records" });
const tell = (news: News) => main.write(new TextEncoder().encode(JSON.stringify(news)));

const files = [...await filesOf(folder!), ...madeUpFiles(LIMIT)];
for (const child of children) {
  const { end, exit } = start(child, LIMIT);
  let told = performance.now();
  const report = await exchange(end, files, LIMIT, (sent, bytes) => {
    if (performance.now() - told < PACE) return;
    told = performance.now();
    tell({ kind: "progress", child, files: sent, allFiles: files.length, bytes }).catch(() => process.exit(1));
  });
  await end.close().catch((reason) => report.mismatches.push(String(reason)));
  const code = await exit;
  if (code !== 0) report.mismatches.push(`the child ended with ${code}`);
  const sum = (key: "bytes" | "records") => report.files.reduce((total, file) => total + file[key], 0);
  await tell({
    kind: "outcome",
    child,
    missing: code === "missing",
    records: sum("records"),
    bytes: sum("bytes"),
    seconds: report.seconds,
    mismatches: shortened(report.mismatches, 10, 1, (count) => `(${count} more)`),
    table: filesTable(report.files),
  });
}
