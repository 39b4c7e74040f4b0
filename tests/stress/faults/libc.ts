/** Does what its arguments say, in turn, then makes pairs in both layers and prints what came of it. */

import process from "node:process";
import { SocketEnd, socketpair as streams } from "../../../mod.ts";
import { useLibc } from "../../../ffi/mod.ts";
import { AF_UNIX, close, SOCK_STREAM, socketpair } from "../../../ffi/mod.ts";

const globals = globalThis as unknown as Record<string, unknown>;

/** Forgets which runtime this is. */
function hideRuntime(): void {
  for (const name of ["Deno", "Bun"]) {
    if (name in globals) delete globals[name];
  }
}

const STEPS: Record<string, (argument: string) => void> = {
  use: useLibc,
  platform(os) {
    Object.defineProperty(process, "platform", { value: os });
    const { Deno } = globals as { Deno?: { build: object } };
    const value = Deno && Object.create(Deno, { build: { value: { ...Deno.build, os } } });
    if (Deno !== undefined) Object.defineProperty(globals, "Deno", { value, configurable: true });
  },
  runtime() {
    hideRuntime();
    Object.defineProperty(process, "getBuiltinModule", { value: () => undefined });
  },
  browser() {
    hideRuntime();
    Object.defineProperty(globals, "process", { value: undefined });
  },
  try: () => console.log(attempt(() => socketpair(AF_UNIX, SOCK_STREAM, 0).forEach(close))),
  "try streams": () => console.log(attempt(() => streams()[Symbol.dispose]())),
  "try from": () => console.log(attempt(() => SocketEnd.from(1_000_000))),
};

function attempt(call: () => unknown): string {
  try {
    call();
    return "works";
  } catch (error) {
    const { name, message, cause } = error as Error;
    return `${name}: ${message}${cause instanceof Error ? " <- its cause" : ""}`;
  }
}

for (const argument of process.argv.slice(2)) {
  const [step, value] = argument.split("=") as [string, string | undefined];
  const outcome = attempt(() => STEPS[step]!(value ?? ""));
  if (outcome !== "works") console.log(outcome);
}
for (const step of ["try", "try streams", "try from"]) STEPS[step]!("");
