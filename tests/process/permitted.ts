/** Does what its argument says and prints what comes of it, for tests of permissions. */

import process from "node:process";
import { SocketEnd, socketpair } from "../../mod.ts";
import { pipeline, spawn } from "../../process/mod.ts";
import { textOf } from "../peers/_text.ts";

/** The message of an error that a program could not be started for. */
const failure = (error: unknown): string => (error as Error).message.replaceAll(/\s+/g, " ");

async function started(env?: Record<string, string>): Promise<string> {
  const [ours, theirs] = socketpair();
  try {
    const child = spawn("echo", ["started"], { stdio: ["ignore", theirs, "inherit"], env });
    const error = new Promise<string>((resolve) => child.on("error", (reason) => resolve(failure(reason))));
    return child.pid === undefined ? await error : await textOf(ours.readable);
  } finally {
    theirs[Symbol.dispose]();
    ours[Symbol.dispose]();
  }
}

async function joined(): Promise<string> {
  const [ours, theirs] = socketpair();
  const { statuses } = pipeline(["echo", "joined"], ["cat"], { stdout: theirs });
  const printed = await textOf(ours.readable);
  return (await statuses).map(({ error }) => error === undefined ? "" : failure(error)).join("") || printed;
}

const acts: Record<string, () => string | Promise<string>> = {
  spawn: () => started(),
  "spawn with env": () => started({ PATH: "/usr/bin:/bin" }),
  pipeline: joined,
  detached: async () => {
    const options = { stdin: "ignore", stdout: "ignore", detached: true } as const;
    const { kill, statuses } = pipeline(["sleep", "30"], options);
    return `${kill()} ${(await statuses)[0]!.signal}`;
  },
  "inherited twice": () => {
    const told = ["-", "-", "two"].map((name) => {
      try {
        return SocketEnd.inherited(name === "-" ? undefined : name).fd;
      } catch (error) {
        return failure(error);
      }
    });
    return told.join();
  },
  inherited: () => `descriptor ${SocketEnd.inherited().fd}`,
};

try {
  console.log((await acts[process.argv[2]!]!()).trim());
} catch (error) {
  console.log(`${(error as Error).name}: ${failure(error)}`);
}
