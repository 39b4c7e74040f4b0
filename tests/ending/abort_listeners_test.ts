import { assert, runScript, test } from "../_support.ts";

test("write() whose buffer is gone when its signal is aborted: no exception that no code can catch", async () => {
  const { code, stdout, stderr } = await runScript("tests/children/abort_listeners.ts");
  assert.deepEqual([stdout.trim(), code], ["none", 0], stderr);
});
