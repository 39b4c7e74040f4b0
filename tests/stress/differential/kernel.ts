/** The Python process that has the other descriptors: one for all programs, since its start takes longer than most of them. */

import { type AnyEnd, socketpair } from "../../../mod.ts";
import process from "node:process";
import { close, SCM_RIGHTS, sendmsg, SOL_SOCKET } from "../../../ffi/mod.ts";
import { spawn } from "../../../process/mod.ts";
import { fileURLToPath } from "node:url";

const [ours, theirs] = socketpair({ type: "seqpacket" });
const script = fileURLToPath(new URL("kernel.py", import.meta.url));
export const python = spawn("python3", [script], { stdio: ["pipe", "pipe", "inherit", theirs] });
python.on("exit", (code, signal) => {
  if (signal === "SIGTERM") return;
  console.log(`Python is gone: ${code ?? signal}`);
  process.exit(2);
});
const control = ours.detach().fd;
const answers: ((answer: never) => void)[] = [];
let text = "";
python.stdout!.on("data", (data: Uint8Array) => {
  const lines = (text + data).split("\n");
  text = lines.pop()!;
  for (const line of lines) answers.shift()!(JSON.parse(line) as never);
});

/** Has Python do something. */
export function tell(...act: unknown[]): void {
  python.stdin!.write(`${JSON.stringify(act)}\n`);
}

/** Has Python do something, and waits for its answer. */
export function ask<T>(...act: unknown[]): Promise<T> {
  tell(...act);
  return new Promise((resolve) => void answers.push(resolve));
}

/** Gives Python an end for good. */
export function give(end: AnyEnd, prefix: string | undefined): Promise<true> {
  const { fd } = end.detach();
  const rights = new Uint8Array(new Int32Array([20, 0, SOL_SOCKET, SCM_RIGHTS, fd, 0]).buffer);
  sendmsg(control, { iov: [new Uint8Array(1)], control: rights });
  close(fd);
  return ask("new", prefix ?? "");
}
