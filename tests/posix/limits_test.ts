import { assert, commandFor, type Outcome, run, runtime, test } from "../_support.ts";

const LIMIT = 100;

/** Runs a script that can have no more than {@linkcode LIMIT} descriptors. */
function runLimited(script: string, ...args: number[]): Promise<Outcome> {
  const [program, prefix] = commandFor(`tests/stress/faults/${script}`);
  const command = ["-c", `ulimit -n ${LIMIT}; exec "$@"`, "sh", program, ...prefix, `${LIMIT}`];
  return run("sh", [...command, ...args.map(String)]);
}

test("socketpair() without a descriptor left, or with one, fails with EMFILE and opens nothing", async () => {
  const { code, stdout, stderr } = await runLimited("limit.ts");
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "EMFILE after many pairs\n" }, stderr);
});

test("a read that must wait without a descriptor left fails with EMFILE, and the next one works", async () => {
  const { code, stdout, stderr } = await runLimited("wait_limit.ts", 0);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "epoll_create1: EMFILE\n" }, stderr);
});

test("a read that must wait with one descriptor left fails with EMFILE, and the next one works", async () => {
  const { code, stdout, stderr } = await runLimited("wait_limit.ts", 1);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "eventfd: EMFILE\n" }, stderr);
}, { skip: runtime === "node" && "Node waits in its own loop and needs no second one" });
