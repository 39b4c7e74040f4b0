/** A worker that plays whatever ends it is sent. */

import { parentPort } from "node:worker_threads";
import { SocketEnd, type TransferToken } from "../../../mod.ts";
import { tell } from "../../children/_port.ts";
import { optionsOf, type Task } from "./flow.ts";
import { play } from "./play.ts";

function begin({ token, task }: { token: TransferToken; task: Task }): void {
  const { id } = task;
  play(SocketEnd.from(token, optionsOf(task.kind)) as SocketEnd, task).then(
    (report) => tell({ id, report }),
    (error: Error) => tell({ id, error: String(error.stack ?? error) }),
  );
}

if (parentPort !== null) parentPort.on("message", begin);
else {(globalThis as unknown as { onmessage: (event: { data: Parameters<typeof begin>[0] }) => void }).onmessage = (
    { data },
  ) => begin(data);}
