/** What must hold after a fault. */

import type { Effect, Fault } from "./faults.ts";
import { bytesOf, CHUNKS } from "./report.ts";
import type { Injected, Injection } from "./strace.ts";

/** With what the other end fails when one end has failed; with framing also where the bytes end within a record. */
const AFTERMATH =
  /^(EPIPE|ECONNRESET|ECONNREFUSED|FramingError: Cannot receive a record \(framing "uint32le"\): the peer ended after .*)$/;

/** Everything that is not as it should be. */
export function complaints({ effect, what }: Fault, { kind, how }: Injection, outcome: Injected): string[] {
  const { sent, received, damage, openError, writeError, readError, left, again, hits } = outcome;
  const wrong: string[] = [];
  const expect = (holds: boolean, complaint: string): void => void (holds || wrong.push(complaint));
  const measure = (chunks: number): number => kind === "stream" ? bytesOf(Math.min(chunks, CHUNKS)) : chunks;
  const code = what.replace("error=", "");
  // That a closed descriptor is told to the poller is a courtesy.
  const serious = hits.filter((line) => !line.includes("EPOLL_CTL_DEL"));
  const fails = [openError, writeError, readError, ...outcome.closed].filter((error) => typeof error === "string");
  const outcomeOf = (possible: Effect): Effect =>
    possible !== "either" ? possible : fails.length > 0 ? "failure" : "nothing";
  const expected = serious.length === 0 ? "nothing" : outcomeOf(effect);

  const lost = expected === "left" ? hits.filter((line) => /socket:|eventpoll|eventfd/.test(line)).length : 0;
  expect(left === lost, `${left} descriptors are left open, not ${lost}`);
  expect(again, "no other pair works");
  if (expected === "failure") {
    expect(damage === undefined, `what came is damaged: ${damage}`);
    expect(fails.includes(code), `no one was told ${code}`);
    expect(openError === code || outcome.closed.includes(code), `closed did not reject with ${code}`);
    for (const error of fails) expect(error === code || AFTERMATH.test(error), `there was also ${error}`);
    expect(received <= measure(sent + 1), `${received} came, of ${sent} chunks`);
    // What is gathered counts as written.
    const complete = readError === undefined && kind !== "framed";
    if (complete) expect(received >= measure(sent), `only ${received} came, of ${sent} chunks`);
    return wrong;
  }
  const change = expected === "missing" ? -hits.length : expected === "extra" ? hits.length : 0;
  const changed = change === 0 ? undefined : change < 0 ? `${-change} missing` : `${change} too many`;
  expect(damage === changed, `what came is damaged: ${damage}, not ${changed}`);
  expect(sent === CHUNKS, `only ${sent} chunks were sent`);
  expect(received === measure(CHUNKS) + change, `only ${received} came`);
  expect(fails.length === 0, `told: ${fails.join(", ")} (${how})`);
  return wrong;
}
