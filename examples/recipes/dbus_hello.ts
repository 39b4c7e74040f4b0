/**
 * D-Bus: says hello to a message bus, which gives a name. `DBUS_SESSION_BUS_ADDRESS` has the path; this program starts a bus.
 *
 *   deno run --allow-ffi --allow-run --allow-env --allow-read --allow-write --allow-sys examples/recipes/dbus_hello.ts
 *   bun examples/recipes/dbus_hello.ts
 *   node examples/recipes/dbus_hello.ts
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { connect } from "@socketpair/streams/unix";

const folder = mkdtempSync(`${tmpdir()}/bus-`);
const address = `unix:path=${folder}/socket`;
const bus = spawn("dbus-daemon", ["--session", "--nofork", "--print-address", `--address=${address}`]);
await once(bus.stdout, "data");

await using end = await connect({ path: `${folder}/socket` });
const encode = (text: string) => new TextEncoder().encode(text);
const reader = end.readable.getReader();
/** Reads on until something has come. */
async function read(wanted: RegExp): Promise<string> {
  let text = "";
  while (!wanted.test(text)) text += new TextDecoder("latin1").decode((await reader.read()).value);
  return wanted.exec(text)![0];
}

/** A field of a message's head: a code, a type, and a text. */
const field = (code: string, type: string, value: string) =>
  `${code}\x01${type}\0${String.fromCharCode(value.length)}\0\0\0${value}\0`;
const aligned = (text: string) => text.padEnd(Math.ceil(text.length / 8) * 8, "\0");

const uid = [...String(process.getuid!())].map((digit) => digit.charCodeAt(0).toString(16)).join("");
await end.write(encode(`\0AUTH EXTERNAL ${uid}\r\n`));
console.log(await read(/^OK|^REJECTED/));
const name = "org.freedesktop.DBus";
const path = "/org/freedesktop/DBus";
const parts = [["\x01", "o", path], ["\x02", "s", name], ["\x03", "s", "Hello"], ["\x06", "s", name]] as const;
const fields = parts.map(([code, type, text]) => field(code, type, text)).reduce((all, it) => aligned(all) + it);
// Little-endian, a call, no body, the first message; then the length of the fields.
const head = `l\x01\0\x01\0\0\0\0\x01\0\0\0${String.fromCharCode(fields.length)}\0\0\0`;
await end.write(encode(`BEGIN\r\n${aligned(head + fields)}`));
console.log("our name is", await read(/:1\.\d+/));
bus.kill();
await once(bus, "exit"); // It removes its socket itself.
rmSync(folder, { recursive: true });
