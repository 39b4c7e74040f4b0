/** The house: which file may import which. */

import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, onlyOn, test } from "../_support.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What each file of the product imports, as paths from the root. */
type House = Record<string, readonly string[]>;

/** From the top to the ground: a layer imports those below it, never one above it. The first that fits a path is its layer. */
const LAYERS: readonly RegExp[] = [
  /^mod\.ts$/,
  /^(process|unix)\//,
  /^streams\//,
  /^ffi\/(socket\.ts|named_socket\.ts|posix\/|mod\.ts)/,
  /^ffi\/wait\//,
  /^ffi\/(owned_descriptor|descriptor|cookie)\.ts$/,
  /^ffi\/(syscalls|names)\.ts$/,
  /^ffi\/(ancillary|outgoing)\.ts$/,
  /^ffi\/(arena|slots)\.ts$/,
  /^ffi\/(budget|host|hooks)\.ts$/,
  /^ffi\/libc\.ts$/,
  /^ffi\/runtimes\/(?!contract\.ts)/,
  /^ffi\/runtimes\/contract\.ts$/,
  /^ffi\/(symbols|errors|socket_type|iovec|views)\.ts$|^ffi\/systems\//,
];

const layerOf = (file: string): number => LAYERS.findIndex((layer) => layer.test(file));
const folderOf = (file: string): string => posix.dirname(file);
const isInside = (file: string, folder: string): boolean => file.startsWith(`${folder}/`);

function* filesIn(folder: string): Generator<string> {
  for (const entry of readdirSync(posix.join(ROOT, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

function houseOf(files: Iterable<string>): House {
  const imports = /^(?:import|export|\} from)\b[^;]*?"(\.{1,2}\/[^"]+)"|import\("(\.{1,2}\/[^"]+)"\)/gm;
  return Object.fromEntries([...files].map((file) => [
    file,
    [...readFileSync(posix.join(ROOT, file), "utf8").matchAll(imports)]
      .map(([, plain, later]) => posix.join(folderOf(file), plain ?? later!)),
  ]));
}

/** The imports of a house that break a rule, as `"a.ts imports b.ts"`. */
function breaches(house: House, isWrong: (from: string, to: string) => boolean): string[] {
  return Object.entries(house).flatMap(([from, targets]) =>
    targets.filter((to) => isWrong(from, to)).map((to) => `${from} imports ${to}`)
  );
}

const goesUp = (from: string, to: string): boolean =>
  layerOf(from) >= 0 && layerOf(to) >= 0 && layerOf(to) < layerOf(from);
const isPrivate = (from: string, to: string): boolean =>
  posix.basename(to).startsWith("_") && folderOf(from) !== folderOf(to);
const isBelow = (from: string, to: string): boolean => isInside(to, "ffi/systems") && !isInside(from, "ffi");
const knowsTheClient = (from: string, to: string): boolean =>
  isInside(to, "ffi/posix") && !isInside(from, "ffi/posix") && from !== "ffi/mod.ts";

/** A way from a file back to itself, or undefined where there is none. */
function circle(house: House): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of house[file] ?? []) {
      const found = visit(next, [...way, file]);
      if (found !== undefined) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of Object.keys(house)) {
    const found = visit(file, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

const product = houseOf(["mod.ts", ...["process", "unix", "streams", "ffi"].flatMap((folder) => [...filesIn(folder)])]);

const RULES: [string, (from: string, to: string) => boolean, House][] = [
  ["imports go from one layer to those below it", goesUp, { "ffi/arena.ts": ["ffi/wait/poller.ts"] }],
  ["a file _x.ts is imported only in its folder", isPrivate, { "process/spawn.ts": ["streams/_format.ts"] }],
  ["ffi/systems/ is imported only in ffi/", isBelow, { "streams/sink.ts": ["ffi/systems/linux.ts"] }],
  ["ffi/posix/ is a client: only ffi/mod.ts imports it", knowsTheClient, { "ffi/socket.ts": ["ffi/posix/io.ts"] }],
];

for (const [rule, isWrong, made] of RULES) {
  test(`the house: ${rule}`, () => assert.deepEqual(breaches(product, isWrong), []), {
    census: false,
    skip: onlyOn("deno"),
  });

  test(`the house: a made-up import is found out where ${rule}`, () => {
    assert.equal(breaches({ ...product, ...made }, isWrong).length, breaches(product, isWrong).length + 1);
  }, { census: false, skip: onlyOn("deno") });
}

test("the house: no import leads back to where it began", () => assert.equal(circle(product), undefined), {
  census: false,
  skip: onlyOn("deno"),
});

test("the house: a made-up circle is found out", () => {
  assert.deepEqual(circle({ "a.ts": ["b.ts"], "b.ts": ["c.ts"], "c.ts": ["b.ts"] }), ["b.ts", "c.ts", "b.ts"]);
}, { census: false, skip: onlyOn("deno") });

test("the house: every file has a layer", () => {
  assert.deepEqual(Object.keys(product).filter((file) => layerOf(file) < 0), []);
}, { census: false, skip: onlyOn("deno") });

test("the house: every file that is imported is there, and more than a few are read", () => {
  const imported = new Set(Object.values(product).flat());
  assert.deepEqual([...imported].filter((file) => !(file in product)), []);
  assert.ok(imported.size > 40, `${imported.size} files are imported`);
}, { census: false, skip: onlyOn("deno") });
