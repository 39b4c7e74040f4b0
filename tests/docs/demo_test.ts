import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type SocketEnd, socketpair } from "../../mod.ts";
import { exchange, type Report } from "../../examples/demo/exchange.ts";
import { type DemoFile, filesOf, madeUpFiles } from "../../examples/demo/files.ts";
import { Answers } from "../../examples/demo/protocol.ts";
import { Screen } from "../../examples/demo/screen.ts";
import { shortened } from "../../examples/demo/table.ts";
import { assert, runScript, runtime, test } from "../_support.ts";
import "./_package.ts";

const LIMIT = 8;

/** A file of given bytes. */
function file(name: string, bytes: Uint8Array): DemoFile {
  return {
    name,
    async *pieces(limit) {
      for (let start = 0; start < bytes.byteLength; start += limit) yield bytes.subarray(start, start + limit);
    },
  };
}

/** Sends the files to a child in this process, which answers as `answer` says. */
async function exchangeWith(
  answer: (right: Uint8Array, index: number) => Uint8Array[] | "leave",
  files: DemoFile[] = [
    file("one", new Uint8Array([1])),
    file("two", new Uint8Array([2])),
    file("none", new Uint8Array(0)),
  ],
): Promise<Report> {
  await using pair = socketpair({ type: "seqpacket" });
  const child = async (end: SocketEnd) => {
    const answers = new Answers(LIMIT);
    const writer = end.writable.getWriter();
    await writer.write(new Uint8Array(0));
    let index = 0;
    for await (const record of end.readable) {
      const given = answer(answers.next(record), index++);
      if (given === "leave") break;
      for (const record of given) await writer.write(record);
    }
    await writer.close();
  };
  const [report] = await Promise.all([exchange(pair[0], files, LIMIT), child(pair[1])]);
  return report;
}

test("exchange() finds nothing wrong with right answers", async () => {
  const files = [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT].map((n) => file(`${n}`, new Uint8Array(n).fill(n)));
  const report = await exchangeWith((right) => [right], files);
  assert.deepEqual(report.mismatches, []);
  assert.deepEqual(report.files.map(({ records }) => records), [1, 1, 1, 2, 3, 3]);
  assert.deepEqual(report.files.map(({ emptyRecords }) => emptyRecords), [1, 0, 0, 1, 1, 1]);
});

test("exchange() names the file whose answer is wrong", async () => {
  const report = await exchangeWith((right, index) => [index === 1 ? new Uint8Array(32) : right]);
  assert.deepEqual(report.mismatches, ["two: a wrong answer"]);
});

test("exchange() finds answers out of order, missing and too many", async () => {
  const [first, later] = [[] as Uint8Array[], "a wrong answer"];
  const swapped = await exchangeWith((right, index) =>
    index === 0 ? (first.push(right), []) : [right, ...first.splice(0)]
  );
  assert.deepEqual(swapped.mismatches, [`one: ${later}`, `two: ${later}`]);
  assert.deepEqual((await exchangeWith((right, index) => index < 2 ? [right] : [])).mismatches, ["none: no answer"]);
  const twice = await exchangeWith((right, index) => index < 2 ? [right] : [right, right]);
  assert.deepEqual(twice.mismatches, ["an answer to nothing"]);
});

test("exchange() finds an answer that was cut or joined", async () => {
  assert.equal((await exchangeWith((right) => [right.subarray(0, 31)])).mismatches.length, 3);
  assert.equal((await exchangeWith((right) => [new Uint8Array([...right, ...right])])).mismatches.length, 3);
});

test("exchange() ends when the child leaves early", async () => {
  const many = Array.from({ length: 2000 }, (_, index) => file(`${index}`, new Uint8Array(4)));
  const { mismatches } = await exchangeWith((right, index) => index < 3 ? [right] : "leave", many);
  assert.match(mismatches[0]!, /^not all files were sent: .*EPIPE/);
  assert.ok(mismatches.includes("3: no answer"));
});

test("exchange() ends when a file cannot be read", async () => {
  const { mismatches } = await exchangeWith((right) => [right], [{
    name: "gone",
    // deno-lint-ignore require-yield
    async *pieces() {
      throw new Error("no such file");
    },
  }]);
  assert.deepEqual(mismatches, ["not all files were sent: Error: no such file"]);
});

test("shortened() keeps both ends of a long list and says what is left out", () => {
  assert.deepEqual(shortened([1, 2, 3, 4, 5], 1, 2, (count) => -count), [1, -2, 4, 5]);
  assert.deepEqual(shortened([1, 2, 3, 4], 1, 2, (count) => -count), [1, 2, 3, 4]);
});

test("filesOf() reads files in pieces of the limit, the empty one in none", async () => {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  try {
    for (const length of [0, 7, 8, 20]) writeFileSync(join(folder, String(length)), new Uint8Array(length));
    const lengths: Record<string, number[]> = {};
    for (const { name, pieces } of await filesOf(folder)) {
      lengths[name] = [];
      for await (const piece of pieces(LIMIT)) lengths[name].push(piece.byteLength);
    }
    assert.deepEqual(lengths, { 0: [], 7: [7], 8: [8], 20: [8, 8, 4] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
const noPython = spawnSync("python3", ["--version"]).status !== 0 && "there is no python3 here";

test(`the demo finds nothing wrong between a parent in ${runtime} and its children`, async () => {
  const { code, stdout, stderr } = await runScript("examples/demo/main.ts", [EXAMPLES, runtime], { timeout: 60_000 });
  assert.equal(code, 0, stdout + stderr);
  const children = noPython ? 3 : 4;
  assert.match(stdout, new RegExp(`^  ${runtime}( +[0-9,]+ ms ✓){${children}}${noPython ? " +-" : ""}$`, "m"));
  assert.match(
    stdout,
    new RegExp(`^${children} of ${children} exchanges: [0-9,]+ records, [0-9,]+ bytes, nothing lost$`, "m"),
  );
  const files = (await filesOf(EXAMPLES)).length + madeUpFiles(1).length;
  assert.equal(stdout.split("\n").filter((line) => line.endsWith("...")).length, Math.min(files, 13));
}, { timeout: 90_000 });

test("the demo goes on where there is no Python, and says so", async () => {
  const env = { ...process.env, PATH: "/no/such/folder" };
  const { code, stdout, stderr } = await runScript("examples/demo/main.ts", [EXAMPLES, runtime], {
    env,
    timeout: 60_000,
  });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^Skipped: python is not installed here\n3 of 3 exchanges: .*, nothing lost$/m);
}, { timeout: 90_000 });

/** What a screen prints at the end. */
function lastOf(mismatches: string[], all: number): string[] {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    const outcome = { kind: "outcome", missing: false, records: 2, bytes: 1500, seconds: 1, table: "" } as const;
    new Screen(["bun"]).last([{ ...outcome, child: "bun", mismatches }], all, mismatches);
  } finally {
    console.log = log;
  }
  return lines.filter((line) => line !== "");
}

test("the demo's last lines say what was wrong", () => {
  assert.deepEqual(lastOf([], 1), ["1 of 1 exchanges: 2 records, 1,500 bytes, nothing lost"]);
  const end = "2 records, 1,500 bytes, NOT ALL AS IT SHOULD BE";
  assert.deepEqual(lastOf(["a: no answer"], 1), ["WRONG a: no answer", `0 of 1 exchanges: ${end}`]);
  assert.deepEqual(lastOf([], 2), [`1 of 2 exchanges: ${end}`]);
});
