/**
 * Random programs of writes, reads, cancels, closes and transfers, against the reference model in `model/`.
 *
 * The seed is fixed, so that a run says something about the change under test. Many programs and a seed of their own:
 *
 *   <runtime> tests/stress/model/fuzz.ts 10000 [seed]
 */

import { fuzz } from "./model/fuzz.ts";
import { assert, quarter, test } from "../_support.ts";

const PROGRAMS = quarter(150);

for (const seed of [5, 78, 2026]) {
  test(`socketpair() does what the model does, in ${PROGRAMS} random programs of seed ${seed}`, async () => {
    const { failure, events } = await fuzz(PROGRAMS, seed);
    assert.equal(failure, undefined);
    assert.ok(events > 6 * PROGRAMS, `${events} events`);
  }, { timeout: 60_000 });
}
