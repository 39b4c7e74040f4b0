import { accessSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type SocketEnd, socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

/** How each kind of child is started. */
const COMMANDS: Record<string, readonly string[]> = {
  deno: ["deno", "run", "--allow-ffi", "child.ts"],
  bun: ["bun", "child.ts"],
  node: ["node", "--disable-warning=ExperimentalWarning", "child.ts"],
  python: ["python3", "child.py"],
};

/** The kinds of child. */
export const CHILDREN: readonly string[] = Object.keys(COMMANDS);

/** A child that runs. */
export interface Child {
  /** Our end of the pair whose other end the child has. */
  readonly end: SocketEnd;
  /** The child's exit code; "missing" if there is no such program. */
  readonly exit: Promise<number | string>;
}

/** Starts a child with the other end of a pair as its descriptor 3. */
export function start(name: string, limit: number): Child {
  const [ours, theirs] = socketpair({ type: "seqpacket" });
  const [program, ...args] = COMMANDS[name]!.map((part) => /^child\./.test(part) ? here(part) : part);
  const stdio = ["ignore", "inherit", "inherit", theirs] as const;
  const child = spawn(locate(program!), [...args, String(limit)], { stdio });
  const exit = new Promise<number | string>((resolve) => {
    child.on("error", (error) => {
      theirs[Symbol.dispose](); // no child has it: our end must not wait for an answer
      resolve(error.code === "ENOENT" ? "missing" : String(error));
    });
    child.on("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  return { end: ours, exit };
}

/** The runtime that the repository pins, if it is installed; else what the shell would find. */
export function locate(program: string): string {
  const pinned = here(`../../node_modules/.bin/${program}`);
  try {
    accessSync(pinned);
    return pinned;
  } catch {
    return program;
  }
}

/** The path of a file beside this one. */
export function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
