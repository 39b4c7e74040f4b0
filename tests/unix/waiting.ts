/** A server in the situation that its second argument names, at the path that is its first one. */

import process from "node:process";
import { listen, type Listener } from "../../unix/mod.ts";

const [path, situation] = process.argv.slice(2) as [string, string];
const server: Listener = listen({ path });
// Not even a module's own variables are held once all its code has run.
Object.assign(globalThis, { server });
const begun = Date.now();

async function serve(): Promise<void> {
  const end = situation === "stream" ? (await server.readable.getReader().read()).value : await server.accept();
  console.log(Date.now() > begun ? "a client after a while" : "a client at once");
  await end!.write(new TextEncoder().encode("welcome"));
  await end!.close();
  await server.close();
}

if (situation !== "idle") void serve();
if (situation.includes("unref")) server.unref();
if (situation.endsWith(", ref")) server.ref();
