/** The rules of the house: which file may import which. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { assert, test } from "../_support.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** From the top down. What is in a later layer knows nothing of an earlier one. */
const LAYERS = [
  "mod.ts",
  "process/",
  "streams/",
  "ffi/socket.ts",
  "ffi/wait/",
  "ffi/syscalls.ts",
  "ffi/arena.ts",
  "ffi/libc.ts",
  "ffi/runtimes/",
];

/** Files with their text. */
type Sources = Readonly<Record<string, string>>;

/** Where a file stands; undefined for the parts of ffi/ that have no layer of their own. */
function layerOf(file: string): number | undefined {
  const layer = LAYERS.findIndex((name) => name.endsWith("/") ? file.startsWith(name) : file === name);
  return layer < 0 ? undefined : layer;
}

/** What a file imports of this project, types included. */
function importsOf(file: string, text: string): string[] {
  const statements = text.matchAll(
    /^\s*(?:import|export)\b[^;"'`]*?from\s+"(\.[^"]+)"|\bimport\(\s*"(\.[^"]+)"\s*\)/gm,
  );
  return [...statements].map(([, of, dynamic]) => normalize(join(dirname(file), (of ?? dynamic)!)));
}

/** Whether `file` is below `folder`. */
const isIn = (folder: string, file: string): boolean => file.startsWith(`${folder}/`);

/** The imports that break a rule. */
function breaches(sources: Sources): string[] {
  const found: string[] = [];
  for (const [file, text] of Object.entries(sources)) {
    for (const imported of importsOf(file, text)) {
      const [from, to] = [layerOf(file), layerOf(imported)];
      const upwards = from !== undefined && to !== undefined && to < from;
      const outwards = isIn("ffi", file) && !isIn("ffi", imported);
      if (upwards || outwards) found.push(`${file} imports ${imported}, which is above it`);
      const name = imported.slice(imported.lastIndexOf("/") + 1);
      if (name.startsWith("_") && dirname(file) !== dirname(imported)) {
        found.push(`${file} imports ${imported}, which is private to its folder`);
      }
      if (isIn("ffi/systems", imported) && !isIn("ffi", file)) {
        found.push(`${file} imports ${imported}, which knows the system`);
      }
    }
  }
  return found;
}

/** The circles of imports, each once, beginning with the file whose name comes first. */
function circles(sources: Sources): string[] {
  const imports = new Map(Object.entries(sources).map(([file, text]) => [file, importsOf(file, text)]));
  const found = new Set<string>();
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const begin = path.indexOf(file);
    if (begin >= 0) {
      const circle = path.slice(begin);
      const first = circle.indexOf([...circle].sort()[0]!);
      found.add([...circle.slice(first), ...circle.slice(0, first)].join(" -> "));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const imported of imports.get(file) ?? []) visit(imported);
    path.pop();
    done.add(file);
  };
  for (const file of imports.keys()) visit(file);
  return [...found];
}

/** What is published. */
function product(): Sources {
  const files = ["mod.ts"];
  for (const folder of ["process", "streams", "ffi"]) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true }) as string[]) {
      if (name.endsWith(".ts")) files.push(`${folder}/${name}`);
    }
  }
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(ROOT, file), "utf8")]));
}

test("no import of the product goes upwards, to another folder's private file, or past ffi/ to the system", () => {
  assert.deepEqual(breaches(product()), []);
});

test("no imports of the product go in a circle, those of types included", () => {
  assert.deepEqual(circles(product()), []);
});

test("every file of the product is reached from an entry, or from the hooks for tests", () => {
  const sources = product();
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const imported of importsOf(file, sources[file]!)) visit(imported);
  };
  for (const entry of ["mod.ts", "process/mod.ts", "ffi/mod.ts", "ffi/hooks.ts"]) visit(entry);
  assert.deepEqual(Object.keys(sources).filter((file) => !reached.has(file)), []);
});

const WRONG: [what: string, file: string, text: string, breach: string][] = [
  [
    "upwards",
    "streams/a.ts",
    'import { b } from "../process/b.ts";',
    "streams/a.ts imports process/b.ts, which is above it",
  ],
  [
    "upwards for a type",
    "ffi/arena.ts",
    'import type { S } from "./socket.ts";',
    "ffi/arena.ts imports ffi/socket.ts, which is above it",
  ],
  [
    "upwards over lines",
    "ffi/wait/a.ts",
    'import {\n  b,\n  c,\n} from "../socket.ts";',
    "ffi/wait/a.ts imports ffi/socket.ts, which is above it",
  ],
  [
    "out of ffi/",
    "ffi/errors.ts",
    'export { a } from "../streams/a.ts";',
    "ffi/errors.ts imports streams/a.ts, which is above it",
  ],
  [
    "a private file",
    "process/a.ts",
    'import { b } from "../streams/_b.ts";',
    "process/a.ts imports streams/_b.ts, which is private to its folder",
  ],
  [
    "a private file above",
    "ffi/wait/a.ts",
    'import { b } from "../_b.ts";',
    "ffi/wait/a.ts imports ffi/_b.ts, which is private to its folder",
  ],
  [
    "the system",
    "streams/a.ts",
    'import { E } from "../ffi/systems/linux.ts";',
    "streams/a.ts imports ffi/systems/linux.ts, which knows the system",
  ],
  [
    "at run time",
    "streams/a.ts",
    'const b = await import("../mod.ts");',
    "streams/a.ts imports mod.ts, which is above it",
  ],
];

for (const [what, file, text, breach] of WRONG) {
  test(`the rule finds an import that breaks it: ${what}`, () =>
    assert.deepEqual(breaches({ [file]: text }), [breach]));
}

test("the rule finds circles, and lets what is in order pass", () => {
  const a = 'import type { B } from "./b.ts";';
  const b = 'export { c } from "./c.ts";';
  const c = 'import { a } from "./a.ts";';
  assert.deepEqual(circles({ "ffi/c.ts": c, "ffi/b.ts": b, "ffi/a.ts": a }), ["ffi/a.ts -> ffi/b.ts -> ffi/c.ts"]);
  const order = {
    "ffi/a.ts": a,
    "ffi/b.ts": b,
    "ffi/c.ts": '// from "./a.ts"',
    "mod.ts": 'export { a } from "./ffi/a.ts";',
  };
  assert.deepEqual([circles(order), breaches(order)], [[], []]);
});
