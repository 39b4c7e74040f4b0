/**
 * ssh-agent: each of its messages goes behind a length of 32 bits, which is `framing: "uint32be"`. A program of yours connects
 * to `process.env.SSH_AUTH_SOCK`; this one starts an agent of its own, and puts a key in.
 *
 *   deno run --allow-ffi --allow-run --allow-env --allow-read --allow-write examples/recipes/ssh_agent.ts
 *   bun examples/recipes/ssh_agent.ts
 *   node examples/recipes/ssh_agent.ts
 */

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import process from "node:process";
import { connect } from "@socketpair/streams/unix";

const folder = mkdtempSync(`${tmpdir()}/agent-`);
const path = `${folder}/socket`;
const agent = spawn("ssh-agent", ["-D", "-a", path], { stdio: "ignore" });

/** The agent, as soon as it listens. */
async function reach() {
  for (;;) {
    try {
      return await connect({ path, framing: "uint32be" });
    } catch {
      await delay(10);
    }
  }
}

await using end = await reach();
spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "a key", "-f", `${folder}/key`]);
spawnSync("ssh-add", ["-q", `${folder}/key`], { env: { ...process.env, SSH_AUTH_SOCK: path } });

await end.write(new Uint8Array([11])); // SSH_AGENTC_REQUEST_IDENTITIES
const { value: answer } = await end.readable.getReader().read();
const view = new DataView(answer!.buffer, answer!.byteOffset, answer!.byteLength);
let place = 5; // behind the kind of message and the number of keys
for (let count = view.getUint32(1); count > 0; count -= 1) {
  place += 4 + view.getUint32(place); // the key itself
  const length = view.getUint32(place);
  console.log(new TextDecoder().decode(answer!.subarray(place + 4, place + 4 + length)));
  place += 4 + length;
}
agent.kill();
rmSync(folder, { recursive: true });
