import { socketpair } from "../../mod.ts";
import { assert, test } from "../_support.ts";

test("socketpair() makes two ends that are joined both ways", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const [left, right] = pair;
  await left.writable.getWriter().write(new Uint8Array([1, 2, 3]));
  await right.writable.getWriter().write(new Uint8Array([4]));
  assert.deepEqual((await right.readable.getReader().read()).value, new Uint8Array([1, 2, 3]));
  assert.deepEqual((await left.readable.getReader().read()).value, new Uint8Array([4]));
});
