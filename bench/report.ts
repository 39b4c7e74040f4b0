/** The files of the results. */

import { chart } from "./chart.ts";
import { comparisons, type Row } from "./ratios.ts";
import { ratioTable, tables } from "./table.ts";

/** How and on what the rows were measured. */
export interface Form {
  readonly rounds: number;
  /** Seconds of a sample. */
  readonly seconds: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly processor: string;
  readonly processors: number;
  readonly kernel: string;
}

/** What could not be measured, and why. */
export interface Missing {
  readonly skipped: ReadonlyMap<string, string>;
  readonly failed: ReadonlyMap<string, string>;
}

/** The files by their names: a table, the samples, and the picture. */
export function report(name: string, form: Form, rows: readonly Row[], missing: Missing): [string, string][] {
  return [
    [name === "full" ? "README.md" : `${name}.md`, page(name, form, rows, missing)],
    [`${name}.json`, json(form, rows)],
    [`${name}.svg`, chart(rows)],
  ];
}

function page(
  name: string,
  { rounds, seconds, versions, processor, processors, kernel }: Form,
  rows: readonly Row[],
  missing: Missing,
) {
  const runtimes = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  const lost = [...missing.skipped, ...missing.failed].map(([who, why]) => `- ${who}: ${why}`);
  return `# Results

Written by \`deno task bench\`: ${runtimes}; Linux ${kernel}, ${processors} cores (${processor}).

Every contestant's two sides were started once and warmed up. Then they took samples of ${seconds} s in turn, in
reversed order every other round, ${rounds} rounds. As much as is in a sample goes before it, and is not counted. Minimum
and median are of one operation. CPU is the time of all threads of both sides. A ratio is the median of the ratios of
the same round: "/ C" to C where the kernel puts its two processes, "/ peer" to the fastest of the same runtime's other
contestants that are used in the same way. Below 1, ours is faster. All samples: [${name}.json](${name}.json).

"calls": one call or callback for each piece. "streams" and "BYOB": Web Streams with their default readers, or with
readers that bring a buffer. "batches": streams of arrays of records. "gathered": many records in one write and one
read. "messages": the runtime's own, one for each record.

${ratioTable(comparisons(rows), false)}

[Where the time goes](profiles.md) says what the ratios that miss their targets are made of.

${tables(rows)}
${lost.length === 0 ? "" : `\n## Not measured\n\n${lost.join("\n")}\n`}`;
}

/** A row a line. */
function json(form: Form, rows: readonly Row[]): string {
  const lines = rows.map(({ quick: _quick, ns, cpu, ...entry }) =>
    `    ${JSON.stringify({ ...entry, ns: ns.map(rounded), cpu: cpu.map(rounded) })}`
  );
  const head = JSON.stringify(form, null, 2).slice(0, -2);
  return `${head},\n  "rows": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

const rounded = (value: number) => Number(value.toPrecision(4));
