/**
 * Listens at the path that is its argument each time that a line of its input names: milliseconds since 1970. Prints how that went. At
 * the next line it closes, and prints that too.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { listen, type Listener } from "../../unix/mod.ts";

const path = process.argv[2]!;
let server: Listener | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "close") {
    await server?.close();
    server = undefined;
    console.log("closed");
    continue;
  }
  while (Date.now() < Number(line));
  try {
    server = listen({ path });
    console.log("listens");
  } catch (error) {
    console.log((error as { code?: string }).code ?? String(error));
  }
}
