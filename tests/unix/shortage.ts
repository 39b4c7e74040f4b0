/**
 * A server for which descriptors are short. Arguments: the path, and what happens. RLIMIT_NOFILE is low.
 *
 * - "unref": nothing keeps the process.
 * - "close": the server is closed while it pauses, and then nothing keeps the process.
 * - "one left": the first wait of the process needs two descriptors, and there is one.
 */

import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { connect, listen } from "../../unix/mod.ts";
import { close } from "../../ffi/mod.ts";
import "../children/_warm_up.ts";
import { fillUp } from "../stress/faults/_raw.ts";

const [path, situation] = process.argv.slice(2) as [string, string];
process.on("SIGUSR2", delay).off("SIGUSR2", delay);
const server = listen({ path });
if (situation === "one left") {
  const filling = fillUp();
  close(filling.pop()!);
  const accepting = server.accept();
  await delay(100);
  for (const fd of filling) close(fd);
  const client = await connect({ path });
  const end = (await accepting)!;
  for (const it of [client, end, server]) await it.close();
} else {
  const first = server.accept();
  const client = await connect({ path });
  await (await first)!.close();
  await client.close();
  const filling = fillUp();
  void server.accept();
  await delay(500); // until the pauses are long
  if (situation === "unref") server.unref();
  else await server.close();
  // Runtimes open files when they end.
  for (const fd of filling.splice(0, 20)) close(fd);
  const begin = performance.now();
  process.on("exit", () => console.log(performance.now() - begin < 200 ? "ended at once" : "something kept it"));
}
console.log("done");
