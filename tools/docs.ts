/** The pages that document the three entries, with an index: `deno task docs`. They are written to `site/`. */

const OUTPUT = "site";

interface Entry {
  readonly file: string;
  readonly folder: string;
  readonly name: string;
  readonly about: string;
}

const ENTRIES: readonly Entry[] = [
  { file: "mod.ts", folder: "streams", name: "@socketpair/streams", about: "pairs, and their ends as Web Streams" },
  {
    file: "process/mod.ts",
    folder: "process",
    name: "@socketpair/streams/process",
    about: "programs on the other end",
  },
  { file: "ffi/mod.ts", folder: "ffi", name: "@socketpair/streams/ffi", about: "the calls of POSIX by their C names" },
];

async function run(args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "piped" })
    .output();
  if (!success) throw new Error(`Cannot write the pages: ${new TextDecoder().decode(stderr)}`);
}

function indexPage(version: string): string {
  const items = ENTRIES.map(({ folder, name, about }) =>
    `    <li><a href="${folder}/index.html"><code>${name}</code></a>: ${about}</li>`
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>@socketpair/streams</title>
  <style>body { font: 1.1rem/1.6 system-ui, sans-serif; margin: 4rem auto; max-width: 40rem; padding: 0 1rem }</style>
</head>
<body>
  <h1>@socketpair/streams ${version}</h1>
  <p>Socket pairs as Web Streams for Deno, Bun and Node. The module has three entries:</p>
  <ul>
${items.join("\n")}
  </ul>
</body>
</html>
`;
}

const { version } = JSON.parse(await Deno.readTextFile("deno.json"));
await Deno.remove(OUTPUT, { recursive: true }).catch(() => {});
await Deno.mkdir(OUTPUT);
for (const { file, folder, name } of ENTRIES) {
  await run(["doc", "--html", `--name=${name}`, `--output=${OUTPUT}/${folder}`, file]);
}
await Deno.writeTextFile(`${OUTPUT}/index.html`, indexPage(version));
console.log(`${OUTPUT}/index.html`);
