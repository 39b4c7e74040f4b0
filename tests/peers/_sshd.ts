/** For tests: OpenSSH's client and server on this machine, without a network. */

import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { missing } from "./_child.ts";

// Whether another user may log in here depends on his shell and his password.
const notRoot = process.getuid!() !== 0 && "sshd can be sure of root only";
// Where sshd, as root, separates its privileges.
const noFolder = !existsSync("/run/sshd") && "/run/sshd does not exist";

/** Why there is no server here, or false. */
export const noSshd: string | false = missing("ssh", "ssh-keygen", "/usr/sbin/sshd") || notRoot || noFolder;

/**
 * Makes keys for both sides and what sshd has to know. Gives what ssh has to know, and where to.
 *
 * @param proxy The command that starts sshd, given the path of sshd's configuration
 */
export function sshTo(
  folder: string,
  proxy: (configuration: string) => string[],
  besides: Readonly<Record<string, string>> = {},
): string[] {
  for (const name of ["host", "user"]) {
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
  }
  const server = join(folder, "sshd_config");
  writeFileSync(
    server,
    [
      `HostKey ${join(folder, "host")}`,
      `AuthorizedKeysFile ${join(folder, "user.pub")}`,
      "PasswordAuthentication no",
      "PidFile none",
      "StrictModes no",
      "UsePAM no",
      "LogLevel ERROR",
      "",
    ].join("\n"),
  );
  const options = {
    ProxyCommand: proxy(server).map((word) => `'${word}'`).join(" "),
    ...besides,
    IdentityFile: join(folder, "user"),
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    BatchMode: "yes",
    StrictHostKeyChecking: "no",
    UserKnownHostsFile: "/dev/null",
    LogLevel: "ERROR",
  };
  const user = spawnSync("id", ["-un"], { encoding: "utf8" }).stdout.trim();
  const given = Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  return ["-F", "none", ...given, `${user}@nowhere.invalid`];
}
