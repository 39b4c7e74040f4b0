/** For tests: what pipeline() returns has our ends exactly when they are asked for. Nothing runs; the compiler looks at it. */

import type { SocketEnd } from "../../mod.ts";
import { type Command, duplex, pipeline, type PipelineOptions } from "../../process/mod.ts";

declare const commands: Command[];
declare const options: PipelineOptions;
declare const end: SocketEnd;

/** Both, one, or none. */
export function asked(): SocketEnd[] {
  const both = pipeline(["cat"], ["cat"], { stdin: "pipe", stdout: "pipe" });
  const one = pipeline(...commands, { stdin: end, stdout: "pipe", cwd: "/" });
  // @ts-expect-error It was not asked for.
  void one.stdin;
  // @ts-expect-error It was not asked for.
  void pipeline(["cat"]).stdout;
  // @ts-expect-error It was not asked for.
  void duplex(["cat"], ["cat"]).stdin;
  return [both.stdin, both.stdout, one.stdout];
}

/** Where only running tells. */
export function perhaps(): SocketEnd | undefined {
  const { stdin, kill } = pipeline(["cat"], options);
  kill("SIGTERM");
  return stdin;
}

/** What is no option. */
export function refused(): void {
  // @ts-expect-error A misspelt name.
  pipeline(["cat"], { stdou: "pipe" });
  // @ts-expect-error A word that is none.
  pipeline(["cat"], { stdin: "overlapped" });
}
