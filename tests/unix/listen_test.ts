/** listen(): the file, its mode, and whose name it is. */

import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { AF_UNIX, bind, close, listen as listenOn, SOCK_DGRAM, SOCK_STREAM, socket } from "../../ffi/mod.ts";
import { connect, listen, type ListenOptions } from "../../unix/mod.ts";
import { assert, commandFor, run, test } from "../_support.ts";
import { endOf, missing } from "../peers/_child.ts";
import { freshPath, read, thrownBy, write } from "./_support.ts";

/** Leaves the file of a socket that is gone. */
function leaveStale(path: string, type = SOCK_STREAM): void {
  const fd = socket(AF_UNIX, type, 0);
  bind(fd, path);
  if (type === SOCK_STREAM) listenOn(fd, 1);
  close(fd);
}

for (const type of [SOCK_STREAM, SOCK_DGRAM]) {
  test(`listen() replaces the file of a socket of type ${type} that is gone`, async () => {
    const path = freshPath();
    leaveStale(path, type);
    await using server = listen({ path });
    await using client = await connect({ path });
    await using end = (await server.accept())!;
    await write(client, "new");
    assert.equal(await read(end), "new");
  });
}

test("close() takes files away of which the path was relative, also when the process has changed its folder", async () => {
  const folder = freshPath("folder");
  mkdirSync(folder);
  const before = process.cwd();
  process.chdir(folder);
  try {
    const server = listen({ path: "server" });
    const client = await connect({ path: "server", bind: "client" });
    assert.deepEqual(readdirSync(".").sort(), ["client", "server"]);
    process.chdir(before);
    await client.close();
    await server.close();
    assert.deepEqual([server.path, readdirSync(folder)], ["server", []]);
  } finally {
    process.chdir(before);
  }
});

test("listen() disturbs no server that listens, of whatever type it is", async () => {
  const path = freshPath();
  await using server = listen({ path });
  const { ino } = lstatSync(path);
  for (const type of ["stream", "seqpacket"] as const) {
    const error = await thrownBy(() => listen({ path, type }));
    assert.equal(error.code, "EADDRINUSE");
    assert.match(
      error.message,
      new RegExp(`^Cannot listen at "${path}", where another socket is, perhaps of this process: `),
    );
  }
  assert.equal(lstatSync(path).ino, ino);
  // Not even as a client that comes and goes.
  assert.equal((await thrownBy(() => server.accept({ signal: AbortSignal.timeout(20) }))).name, "TimeoutError");
});

test("listen() leaves a socket alone that is open and does not listen", async () => {
  for (const type of [SOCK_STREAM, SOCK_DGRAM]) {
    const path = freshPath();
    const fd = socket(AF_UNIX, type, 0);
    bind(fd, path);
    assert.equal((await thrownBy(() => listen({ path }))).code, "EADDRINUSE");
    close(fd);
    assert.ok(existsSync(path));
  }
});

test("listen() never touches what is no socket: a file, a folder, a link to a socket that is gone", async () => {
  const [file, folder, link, gone] = [freshPath(), freshPath(), freshPath(), freshPath()] as const;
  writeFileSync(file, "text");
  mkdirSync(folder);
  leaveStale(gone);
  symlinkSync(gone, link);
  for (const path of [file, folder, link]) {
    const error = await thrownBy(() => listen({ path }));
    assert.equal(error.code, "EADDRINUSE");
    assert.match(error.message, /a file that is no socket/);
  }
  assert.equal(readFileSync(file, "utf8"), "text");
  assert.ok(lstatSync(link).isSymbolicLink());
});

test("close() takes the file away, and not one that another server has put there", async () => {
  const path = freshPath();
  const old = listen({ path });
  unlinkSync(path);
  await using young = listen({ path });
  await old.close();
  assert.ok(existsSync(path));
  await young.close();
  assert.ok(!existsSync(path));
});

test("a listener in the working directory, by a path without a folder, replaces and takes away", async () => {
  const name = `socketpair-${process.pid}`;
  leaveStale(name);
  await listen({ path: name }).close();
  assert.ok(!existsSync(name));
});

test("listen() names the path where there is no folder, and leaves nothing open", async () => {
  const path = `${freshPath()}/socket`;
  const error = await thrownBy(() => listen({ path }));
  assert.equal(error.message, `Cannot listen at "${path}": there is no such file or folder (ENOENT)`);
});

test("listen() gives the file its mode, whatever the umask is", async () => {
  for (const umask of [0, 0o022, 0o077]) {
    const before = process.umask(umask);
    try {
      for (const mode of [0o600, 0o660, 0o666, 0o777, 0]) {
        const path = freshPath();
        await using _server = listen({ path, mode });
        assert.equal(lstatSync(path).mode & 0o7777, mode, `umask ${umask}`);
      }
      const path = freshPath();
      await using _server = listen({ path });
      assert.equal(lstatSync(path).mode & 0o777, 0o777 & ~umask);
    } finally {
      process.umask(before);
    }
  }
});

const WRONG: [string, object, RegExp][] = [
  ["an unknown option", { backlogg: 5 }, /no option "backlogg"/],
  ["an option of connect()", { bind: "x" }, /no option "bind"/],
  ["type dgram", { type: "dgram" }, /"dgram" as type: it is one of stream, seqpacket/],
  ["a backlog that is negative", { backlog: -1 }, /backlog -1/],
  ["a mode that is none", { mode: 0o1000 }, /mode 512/],
  ["mode with an abstract name", { path: "\0x", mode: 0o600 }, /mode with a name that is no file/],
  ["framing of records", { type: "seqpacket", framing: "uint32le" }, /framing on type "seqpacket"/],
  ["unread", { unread: [] }, /no option "unread"/],
];

for (const [what, options, message] of WRONG) {
  test(`listen() refuses ${what} at once`, () => {
    const path = freshPath();
    assert.throws(() => listen({ path, ...options } as ListenOptions), message);
    assert.ok(!existsSync(path));
  });
}

/** A process that runs starter.ts: gives it a line, and takes its answer. */
function starter(path: string): { ask(line: string): Promise<string>; end(): void } {
  const [program, args] = commandFor("tests/unix/starter.ts");
  const child = spawn(program, [...args, path], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    async ask(line) {
      child.stdin!.write(`${line}\n`);
      return (await answers.next()).value ?? "ended";
    },
    end: () => void child.kill("SIGKILL"),
  };
}

test("of two processes that start at once on a file that was left, one listens", async () => {
  const times = process.env["SOCKETPAIR_FULL"] ? 200 : 20;
  const path = freshPath();
  const starters = [starter(path), starter(path)];
  const both = (line: string) => Promise.all(starters.map((it) => it.ask(line)));
  await both("close");
  for (let time = 0; time < times; time += 1) {
    leaveStale(path);
    assert.deepEqual((await both(String(Date.now() + 10))).sort(), ["EADDRINUSE", "listens"], `time ${time}`);
    await (await connect({ path })).close();
    await both("close");
    assert.ok(!existsSync(path));
  }
  for (const it of starters) it.end();
}, { timeout: 120_000 });

test("listen() gives up where another process keeps the folder locked", async () => {
  const folder = freshPath();
  mkdirSync(folder);
  leaveStale(`${folder}/socket`);
  const holder = spawn("flock", ["--no-fork", folder, "sh", "-c", "echo locked; exec sleep 20"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await new Promise((resolve) => holder.stdout!.once("data", resolve));
  const error = await thrownBy(() => listen({ path: `${folder}/socket` }));
  const ended = endOf(holder);
  holder.kill("SIGKILL");
  await ended;
  assert.match(error.message, /whose folder cannot be locked: .*EAGAIN/);
}, { skip: missing("flock") });

test("a folder that may not be read says so where a file has to be replaced", async () => {
  const folder = freshPath();
  mkdirSync(folder);
  leaveStale(`${folder}/socket`);
  chmodSync(folder, 0o300);
  const error = await thrownBy(() => listen({ path: `${folder}/socket` }));
  chmodSync(folder, 0o700);
  assert.equal(error.code, "EACCES");
}, { skip: process.getuid!() === 0 && "root may read every folder" });

test("a folder that may not be read does not hide that a name is in use", async () => {
  const folder = freshPath();
  mkdirSync(folder);
  writeFileSync(`${folder}/file`, "");
  await using server = listen({ path: `${folder}/socket` });
  chmodSync(folder, 0o300);
  const errors = [
    await thrownBy(() => listen({ path: `${folder}/file` })),
    await thrownBy(() => listen({ path: server.path })),
  ];
  chmodSync(folder, 0o700);
  assert.deepEqual(errors.map(({ code }) => code), ["EADDRINUSE", "EADDRINUSE"]);
}, { skip: process.getuid!() === 0 && "root may read every folder" });

test("in Deno, --allow-ffi alone is enough for connect() and listen()", async () => {
  const [program, [, , , script]] = commandFor("tests/unix/permitted.ts");
  const path = freshPath();
  leaveStale(path);
  const env = { PROGRAM: program, PATH: process.env["PATH"]!, HOME: process.env["HOME"] ?? "" };
  const command = [
    "-c",
    'exec "$PROGRAM" "$@"',
    "sh",
    "run",
    "--no-check",
    "--no-prompt",
    "--allow-ffi",
    script!,
    path,
  ];
  const { stdout, stderr } = await run("sh", command, { env });
  assert.deepEqual([stdout, existsSync(path)], ["hello\n", false], stderr);
}, { skip: "Deno" in globalThis ? false : "about Deno's permissions" });
