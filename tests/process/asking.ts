/**
 * A child that asks for ends and prints what it gets. Each argument says where it asks and for which name ("-" for none): here, in
 * a "worker", or in a "program" that is started by plain node:child_process and has the descriptors 3 and 4 too.
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { SocketEnd } from "../../mod.ts";

const ends: SocketEnd[] = [];

function answer(name: string): string {
  try {
    const end = name === "-" ? SocketEnd.inherited() : SocketEnd.inherited(name);
    return `descriptor ${ends[ends.push(end) - 1]!.fd}`;
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    return `${name} ${code ?? ""}: ${message}`;
  }
}

function inWorker(name: string): Promise<string> {
  const worker = new Worker(new URL(import.meta.url), { workerData: name });
  return new Promise((resolve) => worker.on("message", resolve).on("error", (error) => resolve(String(error))));
}

function inProgram(name: string): Promise<string> {
  const script = process.argv[1]!;
  const args = "Deno" in globalThis ? ["run", "-A", "--no-check", script] : [script];
  const child = spawn(process.execPath, [...args, `here:${name}`], { stdio: ["ignore", "pipe", "inherit", 3, 4] });
  let printed = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => printed += text);
  return new Promise((resolve) => child.on("close", () => resolve(printed.trimEnd())));
}

if (isMainThread) {
  const answers: string[] = [];
  for (const question of process.argv.slice(2)) {
    const [where, name] = question.split(":") as [string, string];
    if (where === "here") answers.push(answer(name));
    else if (where === "env") answers.push(String(process.env[name]));
    else answers.push(await (where === "worker" ? inWorker : inProgram)(name));
  }
  console.log(answers.join("\n"));
  process.exit();
} else parentPort!.postMessage(answer(workerData as string));
