/** A child that looks for the ends which its parent has given it. Its first argument says what it does with them. */

import process from "node:process";
import { SocketEnd } from "../../mod.ts";

async function say(end: SocketEnd, words: string): Promise<void> {
  const writer = end.writable.getWriter();
  await writer.write(new TextEncoder().encode(words));
  writer.releaseLock();
}

/** What goes wrong, for the parent. */
function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return String(error);
  }
  return "nothing went wrong";
}

switch (process.argv[2]) {
  case "first": {
    const end = SocketEnd.inherited();
    await say(end, `descriptor ${end.fd}, ${end.type}`);
    await end.close();
    break;
  }
  case "close and stay":
    await SocketEnd.inherited().close();
    setTimeout(() => {}, 5000);
    break;
  case "close": {
    await SocketEnd.inherited().close();
    console.error("closed");
    setTimeout(() => {}, 5000);
    break;
  }
  case "closeWrite": {
    await SocketEnd.inherited().closeWrite();
    console.error("closed");
    setTimeout(() => {}, 5000);
    break;
  }
  case "names": {
    const control = SocketEnd.inherited("control");
    const data = SocketEnd.inherited("data", { chunks: "batches" });
    await data.readable.pipeTo(data.writable);
    await say(control, `control ${control.fd}, data done`);
    await control.close();
    break;
  }
  case "from": {
    const end = SocketEnd.from(3);
    await end.readable.pipeTo(end.writable);
    break;
  }
  case "refused": {
    const misuse = { busyPoll: -1 };
    const first = failure(() => SocketEnd.inherited(undefined, misuse));
    const end = SocketEnd.inherited();
    await say(end, first);
    await end.close();
    break;
  }
  case "wrong": {
    const end = SocketEnd.inherited();
    const again = failure(() => SocketEnd.inherited());
    const name = failure(() => SocketEnd.inherited("missing"));
    await say(end, `${again}\n${name}\n${failure(() => SocketEnd.from(end.fd))}`);
    await end.close();
    break;
  }
  case "none":
    console.log(failure(() => SocketEnd.inherited()));
}
