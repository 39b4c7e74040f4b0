/** A child that asks for ends under the names which are its arguments ("-" for none), and prints what it gets. */

import process from "node:process";
import { SocketEnd } from "../../mod.ts";

for (const name of process.argv.slice(2)) {
  try {
    const end = name === "-" ? SocketEnd.inherited() : SocketEnd.inherited(name);
    console.log(`descriptor ${end.fd}, ${end.type}`);
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    console.log(`${name} ${code ?? ""}: ${message}`);
  }
}
