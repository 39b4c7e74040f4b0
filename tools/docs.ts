/**
 * Makes the documentation site in `site/`, or in the folder that is given: `deno task docs [folder]`.
 *
 * Its `api/` has the pages that `deno doc --html` makes of the four entries. Its `index.html` is `docs/index.html`, with the
 * version and each entry's own documentation put in, so that nothing is said twice.
 */

import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const SITE = resolve(Deno.args[0] ?? fileURLToPath(new URL("../site", import.meta.url)));

/** How a user imports each entry, its source, and the folder of its pages. */
const ENTRIES = [
  { name: "@socketpair/streams", source: "mod.ts", folder: "api" },
  { name: "@socketpair/streams/process", source: "process/mod.ts", folder: "api/process" },
  { name: "@socketpair/streams/unix", source: "unix/mod.ts", folder: "api/unix" },
  { name: "@socketpair/streams/ffi", source: "ffi/mod.ts", folder: "api/ffi" },
] as const;

type Entry = (typeof ENTRIES)[number];

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The first comment of a source without its stars and its tags. */
function documentationOf(source: string): string {
  const comment = /^\/\*\*\n([^]*?)^ \*\/$/m.exec(readFileSync(source, "utf8"));
  if (comment === null) throw new Error(`Cannot make the site: ${source} does not begin with its documentation`);
  return comment[1]!.replaceAll(/^ \* ?/gm, "").replaceAll(/^@.*$/gm, "").trim();
}

/** What docstrings have of Markdown: paragraphs, blocks of code, and code in a line. */
function htmlOf(markdown: string): string {
  return markdown.split(/(^```ts\n[^]*?^```$)/m).flatMap((part) => {
    const code = /^```ts\n([^]*)\n```$/.exec(part);
    if (code !== null) return [`<pre>${escaped(code[1]!)}</pre>`];
    const paragraphs = part.trim().split(/\n{2,}/).filter((paragraph) => paragraph !== "");
    return paragraphs.map((paragraph) => `<p>${escaped(paragraph).replaceAll(/`([^`]+)`/g, "<code>$1</code>")}</p>`);
  }).join("\n");
}

/** Links to the pages of all that an entry has; deno doc's own page of the first entry names five. */
function symbolsOf({ folder }: Entry): string {
  const names = readdirSync(`${SITE}/${folder}/~`).map((file) => file.slice(0, -".html".length));
  // A member's page has its owner's name before a dot.
  const own = names.filter((name) => !name.includes(".")).sort((a, b) => a.localeCompare(b, "en"));
  return `<p>${own.map((name) => `<a href="${folder}/~/${name}.html"><code>${name}</code></a>`).join(" ")}</p>`;
}

function sectionOf(entry: Entry): string {
  const heading = `<h2><a href="${entry.folder}/index.html"><code>${entry.name}</code></a></h2>`;
  return ["<section>", heading, htmlOf(documentationOf(entry.source)), symbolsOf(entry), "</section>"].join("\n");
}

/** The template with what it names in double braces; a name that it does not have, or one too many, is an error. */
function filled(template: string, parts: Readonly<Record<string, string>>): string {
  const left = new Set(Object.keys(parts));
  const page = template.replaceAll(/\{\{ (\w+) \}\}/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`Cannot make the site: docs/index.html asks for ${name}`);
    left.delete(name);
    return part;
  });
  if (left.size > 0) throw new Error(`Cannot make the site: docs/index.html has no place for ${[...left].join(", ")}`);
  return page;
}

function makeReference(): void {
  const args = ["doc", "--html", `--name=${ENTRIES[0].name}`, `--output=${SITE}/api`];
  // Without package.json's development dependencies: what a user reads has none of their types.
  const { success } = new Deno.Command(Deno.execPath(), {
    args: [...args, ...ENTRIES.map(({ source }) => source)],
    env: { DENO_NO_PACKAGE_JSON: "1" },
  }).outputSync();
  if (!success) throw new Error("Cannot make the site: deno doc has failed");
}

Deno.chdir(new URL("..", import.meta.url));
rmSync(`${SITE}/api`, { recursive: true, force: true });
mkdirSync(SITE, { recursive: true });
makeReference();
const { version } = JSON.parse(readFileSync("deno.json", "utf8"));
const page = filled(readFileSync("docs/index.html", "utf8"), { version, entries: ENTRIES.map(sectionOf).join("\n") });
writeFileSync(`${SITE}/index.html`, page);
copyFileSync("docs/pair.svg", `${SITE}/pair.svg`);
// GitHub Pages leaves out names with an underscore otherwise.
writeFileSync(`${SITE}/.nojekyll`, "");
console.log(`${SITE}/index.html`);
