/** What an editor knows of the options: all of them wherever they are asked for, with what each is. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { SocketEnd, socketpair } from "../../mod.ts";
import { duplex, pipeline, spawn } from "../../process/mod.ts";
import { assert, runtime, test } from "../_support.ts";
import { type Editor, LanguageServer, languageService } from "./_editors.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FILE = join(ROOT, "tests/docs/_edited.ts");
const BIN = join(ROOT, "node_modules/.bin");
const [TYPESCRIPT, TYPESCRIPT_5] = ["typescript", "typescript-5.9"];

/** How each function is called up to its options, and the call with one that there is not. */
const FUNCTIONS: Record<string, [string, (wrong: object) => unknown]> = {
  "socketpair()": ["socketpair(", (wrong) => socketpair(wrong)],
  "SocketEnd.from()": ["SocketEnd.from(3, ", (wrong) => SocketEnd.from(3, wrong)],
  "SocketEnd.inherited()": ['SocketEnd.inherited("name", ', (wrong) => SocketEnd.inherited("name", wrong)],
  "read()": ["end.read(bytes, ", (wrong) => onAnEnd((end) => end.read(new Uint8Array(1), wrong))],
  "write()": ["end.write(bytes, ", (wrong) => onAnEnd((end) => end.write(new Uint8Array(1), wrong))],
  "spawn()": ['spawn("true", [], ', (wrong) => spawn("true", [], wrong)],
  "pipeline()": ['pipeline(["true"], ', (wrong) => pipeline(["true"], wrong)],
  "duplex()": ['duplex(["true"], ["true"], ', (wrong) => duplex(["true"], ["true"], wrong)],
};

async function onAnEnd(call: (end: SocketEnd) => Promise<unknown>): Promise<void> {
  using pair = socketpair();
  await call(pair[0]);
}

/** The options of a function, as it tells them itself. Those that only Windows has are taken, and not shown. */
async function optionsOf(call: (wrong: object) => unknown): Promise<string[]> {
  try {
    await call({ none: 1 });
  } catch (error) {
    const [, names] = /there is no option "none", only (.*)$/.exec((error as Error).message)!;
    return names!.split(", ").filter((name) => !name.startsWith("windows"));
  }
  throw new Error("an unknown option was taken");
}

const IMPORTS = `import { SocketEnd, socketpair } from "${ROOT}mod.ts";
import { duplex, pipeline, spawn } from "${ROOT}process/mod.ts";
declare const end: SocketEnd;
declare const bytes: Uint8Array<ArrayBuffer>;
declare const none: undefined;
`;

const EDITORS: [string, string | false, (text: string) => Editor | Promise<Editor>][] = [
  [
    "the language service of TypeScript 5.9",
    !existsSync(join(ROOT, "node_modules", TYPESCRIPT_5!)) && `there is no ${TYPESCRIPT_5} in node_modules`,
    (text) => languageService(TYPESCRIPT_5!, ROOT, FILE, text),
  ],
  [
    "the language server of TypeScript 7",
    !existsSync(join(ROOT, "node_modules", TYPESCRIPT!)) && `there is no ${TYPESCRIPT} in node_modules`,
    (text) => {
      const command = [process.execPath, join(ROOT, "node_modules", TYPESCRIPT!, "bin/tsc"), "--lsp", "--stdio"];
      return LanguageServer.start(command, ROOT, FILE, text);
    },
  ],
  [
    "deno lsp",
    !existsSync(join(BIN, "deno")) && "there is no deno in node_modules",
    (text) => LanguageServer.start([join(BIN, "deno"), "lsp"], ROOT, FILE, text),
  ],
];

for (const [name, missing, open] of EDITORS) {
  test(`${name} completes and shows every option of every function`, async () => {
    const calls = await Promise.all(
      Object.entries(FUNCTIONS).map(async ([what, [call, act]]) => {
        const options = await optionsOf(act);
        return { what, call, options, all: options.map((option) => `${option}: none`).join(", ") };
      }),
    );
    // One option stands there already, but where there is one only.
    const first = (options: string[]) => options.length > 1 ? `${options[0]}: none, ` : "";
    const text = IMPORTS +
      calls.map(({ call, options, all }) => `${call}{ ${first(options)} });\n${call}{ ${all} });\n`).join("");
    const editor = await open(text);
    try {
      for (const { what, call, options, all } of calls) {
        const begin = `${call}{ ${first(options)}`;
        const offered = await editor.complete(text.indexOf(`${begin} }`) + begin.length);
        assert.deepEqual(offered.sort(), options.slice(options.length > 1 ? 1 : 0).sort(), what);
        for (const option of options) {
          const shown = await editor.hover(
            text.indexOf(`${call}{ ${all}`) + `${call}{ ${all}`.search(`\\b${option}: none`),
          );
          assert.match(shown, new RegExp(`\\b${option}\\?:[^]*\n\`\`\`\\s+\\w`), `${what}, ${option}: ${shown}`);
        }
      }
      const signature = await editor.hover(text.indexOf("\nsocketpair(") + 1);
      assert.match(signature, /options\?: \(?SocketPairOptions & ChunksOption</);
    } finally {
      await editor.close();
    }
  }, { skip: runtime !== "node" ? "the compiler is the same for every runtime" : missing, timeout: 120_000 });
}
