/** For tests: how the programs of a pipeline ended. */

import type { Command, Pipeline } from "../../process/mod.ts";

/** A program's exit code, or the signal that ended it, or why it could not be started. */
export type End = number | string | undefined;

/** How each ended, in order. */
export async function outcomes({ statuses }: Pipeline): Promise<End[]> {
  return (await statuses).map(({ code, signal, error }) => code ?? signal ?? (error as { code?: string }).code);
}

/** A script for the shell. */
export function sh(script: string): Command {
  return ["sh", "-c", script];
}
