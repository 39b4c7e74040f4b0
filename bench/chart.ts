/** The picture of the README: round trips and bulk bytes, this module and the fastest peer of each runtime. */

import type { Runtime, Workload } from "./port.ts";
import { median, peerOf, type Row } from "./ratios.ts";
import { OURS } from "./roster.ts";

const GROUPS: readonly [Workload, title: string][] = [
  ["round trips", "Round trip of 64 B between two processes"],
  ["chunks", "64 KiB from one process to another"],
];
const RUNTIMES: readonly [Runtime, name: string][] = [["deno", "Deno"], ["bun", "Bun"], ["node", "Node"]];

// Large enough that it reads on a phone, where a README shows it at less than half its width.
const WIDTH = 838;
const LEFT = 84;
const BARS = 530;
const BAR = 24;
const ROW = 66;

const STYLE = `
  text { font: 22px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
  .title { font-weight: 600; } .end { text-anchor: end; } .middle { text-anchor: middle; }
  .ours { fill: #0969da; } .peer { fill: #afb8c1; } line { stroke: #6e7781; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .ours { fill: #4493f8; } .peer { fill: #59636e; } line { stroke: #9198a1; }
  }`;

/** An SVG with a row for each runtime: at most six. Nothing but the axis has lines, so that no label meets one. */
export function chart(rows: readonly Row[]): string {
  const shown = GROUPS.map(([workload, title]) => ({
    title,
    lines: RUNTIMES.flatMap(([runtime, name]) => {
      const kind = "calls";
      const ours = rows.find((row) =>
        row.workload === workload && row.runtime === runtime && row.contestant === `${OURS}, calls`
      );
      const peer = peerOf({ workload, kind, runtime }, rows);
      return ours === undefined || peer === undefined ? [] : [{ name, ours, peer }];
    }),
  })).filter(({ lines }) => lines.length > 0);
  const longest = Math.max(
    ...shown.flatMap(({ lines }) => lines.flatMap(({ ours, peer }) => [time(ours), time(peer)])),
  );
  const step = [1, 2, 5, 10, 20, 50, 100, 200].find((size) => longest / size <= 6) ?? 500;
  const end = Math.ceil(longest / step) * step;
  const scale = BARS / end;
  const parts = [
    `<rect class="ours" x="0" y="4" width="24" height="24"/>`,
    text(34, 24, OURS),
    `<rect class="peer" x="300" y="4" width="24" height="24"/>`,
    text(334, 24, "the runtime's own, the fastest"),
  ];
  let top = 46;
  for (const { title, lines } of shown) {
    parts.push(text(0, top + 26, title, "title"));
    top += 42;
    for (const { name, ours, peer } of lines) {
      parts.push(text(LEFT - 12, top + BAR + 8, name, "end"));
      parts.push(...bar("ours", top, time(ours), "", scale));
      parts.push(...bar("peer", top + BAR + 2, time(peer), peer.contestant.split(",")[0]!, scale));
      top += ROW;
    }
  }
  parts.push(...axis(top, end, step, scale));
  const height = top + 66;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ` +
    `role="img" aria-label="${describe(shown)}">\n<style>${STYLE}\n</style>\n${parts.join("\n")}\n</svg>\n`;
}

/** Microseconds. */
const time = ({ ns }: Row) => median(ns) / 1000;

function bar(kind: string, y: number, value: number, name: string, scale: number): string[] {
  const width = value * scale;
  const label = `${value.toFixed(value < 20 ? 1 : 0)} ${name}`.trim();
  return [
    `<rect class="${kind}" x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}"/>`,
    text(LEFT + width + 10, y + 20, label),
  ];
}

function axis(top: number, end: number, step: number, scale: number): string[] {
  const parts = [`<line x1="${LEFT}" x2="${LEFT + BARS}" y1="${top}" y2="${top}"/>`];
  for (let value = 0; value <= end; value += step) {
    const x = (LEFT + value * scale).toFixed(1);
    parts.push(`<line x1="${x}" x2="${x}" y1="${top}" y2="${top + 8}"/>`);
    parts.push(text(Number(x), top + 32, String(value), "middle"));
  }
  parts.push(text(LEFT, top + 60, "median time in µs: shorter is faster"));
  return parts;
}

/** What the picture shows, for readers that do not see it. */
function describe(
  shown: readonly { title: string; lines: readonly { name: string; ours: Row; peer: Row }[] }[],
): string {
  return shown.map(({ title, lines }) => {
    const each = lines.map(({ name, ours, peer }) =>
      `${name} ${time(ours).toFixed(1)}, ${peer.contestant} ${time(peer).toFixed(1)}`
    );
    return `${title} in microseconds, this module and the runtime's own: ${each.join("; ")}`;
  }).join(". ");
}

function text(x: number, y: number, content: string, kind?: string): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y}"${kind === undefined ? "" : ` class="${kind}"`}>${escaped}</text>`;
}
