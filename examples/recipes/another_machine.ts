/**
 * Work on another machine: the program on the other end is `ssh`, whose input and output are a program's over there. Records go
 * through as through a pair, because their framing is in the bytes.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/recipes/another_machine.ts [options of ssh] host
 *   bun examples/recipes/another_machine.ts [options of ssh] host
 *   node examples/recipes/another_machine.ts [options of ssh] host
 *
 * ssh must not ask for a password: its input is taken.
 */

import process from "node:process";
import { socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

/** Runs there: answers each record with its SHA-256. */
const PROGRAM = `
import hashlib, sys
while head := sys.stdin.buffer.read(4):
    record = sys.stdin.buffer.read(int.from_bytes(head, "big"))
    answer = hashlib.sha256(record).hexdigest().encode()
    sys.stdout.buffer.write(len(answer).to_bytes(4, "big") + answer)
    sys.stdout.buffer.flush()
`;

const [ours, theirs] = socketpair({ framing: "uint32be" });
// The shell over there splits what it is told.
const command = ["-T", ...process.argv.slice(2), `python3 -c '${PROGRAM}'`];
const ssh = spawn("ssh", command, { stdio: [theirs, theirs, "inherit"] });
const exited = new Promise((resolve) => ssh.on("exit", resolve));

async function ask(): Promise<void> {
  for (const size of [0, 3, 1_000_000]) await ours.write(new Uint8Array(size));
  await ours.closeWrite(); // the program's input ends, and with it the program
}

const asking = ask();
for await (const answer of ours.readable) console.log(new TextDecoder().decode(answer));
await asking;
console.log("exited with", await exited);
