/** A service whose listening socket systemd has opened: gives each client back what it says, in capitals. Ends with its second client. */

import { SocketEnd } from "../../mod.ts";
import { Listener } from "../../unix/mod.ts";

try {
  SocketEnd.inherited("requests");
} catch (error) {
  console.error(String(error));
}
let count = 0;
for await (const end of Listener.inherited("requests")) {
  const buffer = new Uint8Array(100);
  const length = (await end.read(buffer))!;
  await end.write(new TextEncoder().encode(new TextDecoder().decode(buffer.subarray(0, length)).toUpperCase()));
  await end.close();
  count += 1;
  if (count === 2) break;
}
