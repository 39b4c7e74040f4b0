/**
 * Makes the documentation site in `site/`, or in the folder that is given: `deno task docs [folder]`.
 *
 * Its `api/` has the pages that `deno doc --html` makes of the four entries. Its `index.html` is `docs/index.html`, with the
 * version and each entry's own documentation put in, so that nothing is said twice. `guide.html` is `docs/guide.md`, and
 * `recipes.html` has every example.
 */

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { marked } from "marked";

const SITE = resolve(Deno.args[0] ?? fileURLToPath(new URL("../site", import.meta.url)));

/** How a user imports each entry, its source, and the folder of its pages. */
const ENTRIES = [
  { name: "@socketpair/streams", source: "mod.ts", folder: "api" },
  { name: "@socketpair/streams/process", source: "process/mod.ts", folder: "api/process" },
  { name: "@socketpair/streams/unix", source: "unix/mod.ts", folder: "api/unix" },
  { name: "@socketpair/streams/ffi", source: "ffi/mod.ts", folder: "api/ffi" },
] as const;

type Entry = (typeof ENTRIES)[number];

/** Where the sources are, as package.json says. */
const { homepage: REPOSITORY = "https://www.npmjs.com/package/@socketpair/streams" } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
) as { homepage?: string };

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The first comment of a source without its stars and its tags. */
function documentationOf(source: string): string {
  const comment = /^\/\*\*\n([^]*?)^ \*\/$/m.exec(readFileSync(source, "utf8"));
  if (comment === null) throw new Error(`Cannot make the site: ${source} does not begin with its documentation`);
  return comment[1]!.replaceAll(/^ \* ?/gm, "").replaceAll(/^@.*$/gm, "").trim();
}

/** How the site calls what a page of the repository links to: an example stands on one page with all others. */
function linkTo(target: string): string {
  const path = target.replace(/^\.\.\//, "");
  const example = /^examples\/(.+)\.ts$/.exec(path);
  if (example !== null) return `recipes.html#${example[1]}`;
  if (/^(?:https?:|#)/.test(target) || target === "pair.svg") return target;
  return path === "README.md" ? "index.html" : `${REPOSITORY}/blob/main/${path}`;
}

function htmlOf(markdown: string): string {
  const linked = markdown.replaceAll(/\]\(([^)\s]+)\)/g, (_, target: string) => `](${linkTo(target)})`);
  // An anchor for each heading, as GitHub makes them.
  return marked.parse(linked, { async: false }).replaceAll(/<h2>(.*?)<\/h2>/g, (_, text: string) => {
    const id = text.replaceAll(/<[^>]*>|&\w+;|[^\w\s-]/g, "").toLowerCase().replaceAll(" ", "-");
    return `<h2 id="${id}">${text}</h2>`;
  }).replaceAll(/<table>[^]*?<\/table>/g, '<div class="wide">$&</div>')
    .replaceAll(/<p>(<img [^>]*>)<\/p>/g, '<div class="wide">$1</div>');
}

/** Every example: what its comment says, and its text. */
function examples(): string {
  const names = (readdirSync("examples", { recursive: true }) as string[])
    .filter((name) => name.endsWith(".ts") && !name.startsWith("demo/")).sort();
  return names.map((name) => {
    const text = readFileSync(`examples/${name}`, "utf8");
    const id = name.slice(0, -".ts".length);
    const says = htmlOf(documentationOf(`examples/${name}`).replaceAll(/^ {2}(?=\w)/gm, "    "));
    const code = text.slice(text.indexOf("*/\n") + 3).trim();
    return `<section id="${id}"><h2><code>${id}</code></h2>${says}<pre>${escaped(code)}</pre></section>`;
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

/**
 * Mends what `deno doc` writes: it calls an entry by its folder, where a user has a name to import it by; it leaves out the
 * options that an interface has from another; a source is a file of this machine; a quote in a file's name is escaped, and not the
 * percent sign of that in links; and long lines widen its pages on a narrow screen.
 */
function mendReference(): void {
  for (const { name, folder } of ENTRIES) {
    const called = folder === "api" ? "\\." : folder.slice("api/".length);
    const pattern = new RegExp(`(?<=from &quot;)${called}(?=&quot;;)`, "g");
    const pages = (readdirSync(`${SITE}/${folder}`, { recursive: true }) as string[])
      .filter((page) => page === "index.html" || page.startsWith("~/"));
    for (const page of pages) {
      const path = join(SITE, folder, page);
      const html = readFileSync(path, "utf8");
      const linked = html.replaceAll(/(?<=href=")file:[^"]*/g, sourceLink).replaceAll(
        /(?<=href=")[^"]*%22[^"]*/g,
        (href) => href.replaceAll("%22", "%2522"),
      );
      const all = linked.replaceAll(pattern, name).replaceAll(
        /<span class="type"> extends <\/span><a href="([^"]+)"[^>]*>(\w+)<\/a>/g,
        (found, href: string, parent: string) => found + inherited(join(path, "..", href), href, parent),
      );
      writeFileSync(path, all);
    }
  }
  const css = `${SITE}/api/page.css`;
  writeFileSync(css, readFileSync(css, "utf8") + NARROW);
}

/** Where the repository shows a source that `deno doc` names by its place on this machine. */
function sourceLink(href: string): string {
  const path = fileURLToPath(href.replaceAll("&#x2F;", "/"));
  return `${REPOSITORY}/blob/main/${path.slice(Deno.cwd().length + 1)}`;
}

/** What an interface has from its parent, with links to the parent's page. */
function inherited(page: string, href: string, parent: string): string {
  // Where the page lists them: an id has lost its capitals.
  const names = readFileSync(page, "utf8").matchAll(/<a[^>]*href="#(property_\w+)"[^>]*>\s*(\w+)\s*<\/a>/g);
  const links = [...new Map([...names].map(([, id, name]) => [id, name]))]
    .map(([id, name]) => `<a href="${href}#${id}">${name}</a>`);
  return links.length === 0 ? "" : `<p class="inherited">From ${parent}: ${links.join(", ")}</p>`;
}

const NARROW = `
.inherited { white-space: normal; font-family: system-ui, sans-serif; }
.inherited a { color: inherit; text-decoration: underline; }
@media (max-width: 1023px) {
  body { margin: 0; }
  .ddoc, .ddoc * { min-width: 0; }
  .ddoc { max-width: 100vw; box-sizing: border-box; }
  #topnav { margin-left: 0 !important; padding-left: 0 !important; }
  #topnav, #topnav > div, #topnav > div > div { display: block; height: auto; }
  #topnav ul, #topnav li { overflow-wrap: anywhere; }
  #searchbar { box-sizing: border-box; max-width: 70%; }
  main, .markdown, .symbolGroup { min-width: 0; max-width: 100%; }
  main * { overflow-wrap: anywhere; }
  pre { max-width: 100%; overflow-x: auto; }
}
`;

Deno.chdir(new URL("..", import.meta.url));
rmSync(`${SITE}/api`, { recursive: true, force: true });
mkdirSync(SITE, { recursive: true });
makeReference();
mendReference();
const { version } = JSON.parse(readFileSync("deno.json", "utf8"));
const template = readFileSync("docs/index.html", "utf8");
const head = template.slice(0, template.indexOf("<body>"));
const hasGuide = existsSync("docs/guide.md");
const links = [
  ...(hasGuide ? [["Guide", "guide.html"]] : []),
  ["Recipes", "recipes.html"],
  ["All symbols", "api/all_symbols.html"],
  ["JSR", "https://jsr.io/@socketpair/streams"],
  ["npm", "https://www.npmjs.com/package/@socketpair/streams"],
  ["Repository", REPOSITORY],
].map(([name, target]) => `<a href="${target}">${name}</a>`).join("\n");
const page = filled(template, { version, links, entries: ENTRIES.map(sectionOf).join("\n") });
writeFileSync(`${SITE}/index.html`, page);
const besides: Record<string, string> = { recipes: `<h1>Examples and recipes</h1>${examples()}` };
if (hasGuide) besides["guide"] = htmlOf(readFileSync("docs/guide.md", "utf8"));
for (const [name, body] of Object.entries(besides)) {
  const nav = `<nav><a href="index.html">@socketpair/streams</a>\n${links}</nav>`;
  writeFileSync(`${SITE}/${name}.html`, `${head}<body>\n${nav}\n${body}\n</body>\n</html>\n`);
}
copyFileSync("docs/pair.svg", `${SITE}/pair.svg`);
// GitHub Pages leaves out names with an underscore otherwise.
writeFileSync(`${SITE}/.nojekyll`, "");
console.log(`${SITE}/index.html`);
