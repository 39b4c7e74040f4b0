import type { Sent } from "./exchange.ts";

type Cell = string | number;

/** What went over, file by file. */
export function filesTable(files: readonly Sent[]): string {
  const rows = files.map(({ name, bytes, records, digest }): Cell[] => [name, bytes, records, `${digest}...`]);
  const few = shortened(rows, 5, 8, (count) => [`(${count} more)`, "", "", ""]);
  return table(["file", "bytes", "records", "SHA-256"], few);
}

/** The first and the last of a long list, with one in between that says how many are left out. */
export function shortened<T>(list: readonly T[], first: number, last: number, gap: (count: number) => T): T[] {
  const left = list.length - first - last;
  return left <= 1 ? [...list] : [...list.slice(0, first), gap(left), ...list.slice(-last)];
}

/** Lines up rows under headings, numbers at the right. */
function table(headings: readonly string[], rows: readonly Cell[][]): string {
  const text = [headings, ...rows.map((row) => row.map((cell) => cell.toLocaleString("en")))];
  const widths = headings.map((_, index) => Math.max(...text.map((row) => row[index]!.length)));
  const isNumber = headings.map((_, index) => typeof rows[0]?.[index] === "number");
  const pad = (cell: string, index: number) =>
    isNumber[index] ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!);
  return text.map((row) => `  ${row.map(pad).join("  ").trimEnd()}`).join("\n");
}
