/** Programs that cannot be started because no descriptor is left. */

import { assert, commandFor, run, runtime, test } from "../_support.ts";

// Its compiler opens a file in /proc at moments of its own choice, and panics if it cannot.
const skip = runtime === "deno" && "Deno panics when it has no descriptor left";

for (const free of [0, 1, 2, 3, 4, 5]) {
  test(`spawn() and pipeline() with ${free} descriptors left start or say EMFILE, and leave nothing open`, async () => {
    const limit = 90;
    const [program, args] = commandFor("tests/peers/full.ts");
    const script = `ulimit -n ${limit}; exec "$0" "$@"`;
    const { code, stdout, stderr } = await run("sh", ["-c", script, program, ...args, `${limit}`, `${free}`]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^(0|EMFILE) (0|EMFILE)(,0|,EMFILE)*\n$/);
  }, { skip });
}
