/** The other process of the soak: itself and two workers, at the command of the end that it inherits. */

import process from "node:process";
import { SocketEnd } from "../../../mod.ts";
import { optionsOf, type Task } from "./flow.ts";
import { census, heard, here, inWorker, type Place, sayer } from "./place.ts";

/** What is asked for: to play an end in one of the places, or else a census. */
export interface Order {
  readonly place: number;
  readonly task?: Task;
}

const places: Place[] = [here, inWorker(), inWorker()];
const control = SocketEnd.from(3, { chunks: "messages" });
const say = sayer(control);
for await (const { data, descriptors: [descriptor] } of control.readable) {
  const { place, task } = heard<Order>(data);
  if (task === undefined || descriptor === undefined) {
    void say({ id: "census", report: census() });
    continue;
  }
  const { id } = task;
  places[place]!(SocketEnd.from(descriptor, optionsOf(task.kind)) as SocketEnd, task).then(
    (report) => say({ id, report }),
    (error: Error) => say({ id, error: String(error.stack ?? error) }),
  );
}
// Its workers would go on waiting.
process.exit(0);
