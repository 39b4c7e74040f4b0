/** Runs a program to its end, and looks at what is left. */

import { openSync, readdirSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { SocketError } from "../../../mod.ts";
import { Violation } from "./direction.ts";
import { Driver } from "./driver.ts";
import { due } from "./duties.ts";
import type { Program } from "./program.ts";

/** How long may pass until something that is due has happened, in milliseconds: less once something has not. */
let patience = 5000;
/** What goes along with messages: its duplicates can be counted. */
const SENT = openSync("/dev/zero", "r");

/** Every descriptor of the kinds that the module opens, and every duplicate of the one that is sent. */
function open(): Set<string> {
  const found = new Set<string>();
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (/^socket:|eventfd|eventpoll|\/dev\/zero/.test(target)) found.add(`${fd} ${target}`);
    } catch {
      // The descriptor of the listing itself.
    }
  }
  return found;
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Waits until everything has happened that must, and a little for what must not. */
async function settle(driver: Driver): Promise<void> {
  const limit = performance.now() + patience;
  for (let turns = 0, quiet = 0; quiet < 3;) {
    const { events } = driver;
    await (turns < 50 ? turn() : delay(1));
    turns += 1;
    driver.observe();
    driver.check();
    const awaited = due(driver.pair, (side) => driver.holder(side).isOpen, (side) => driver.awaitsPeer(side));
    quiet = awaited === undefined && driver.events === events ? quiet + 1 : 0;
    if (awaited === undefined || performance.now() < limit) continue;
    patience = 1000;
    throw new Violation(`waited in vain for ${awaited}`);
  }
}

/** Both ends send no more and read to the end. */
async function drain(driver: Driver): Promise<void> {
  const { pair } = driver;
  for (const side of pair.sides) {
    await driver.perform({ do: "closeWrite", side: pair.sides.indexOf(side) as 0 | 1, wait: false });
  }
  await settle(driver);
  for (;;) {
    const readers = pair.sides.filter((side) =>
      side.receiveEnd < 2 && side.reads.size === 0 &&
      (side.inwardEnded === 2 || pair.mustCome(side).length > 0)
    );
    if (readers.length === 0) return;
    for (const side of readers) driver.read(side, false, 1, 1);
    await settle(driver);
  }
}

async function finish(driver: Driver): Promise<void> {
  const { pair } = driver;
  for (const side of [0, 1] as const) await driver.perform({ do: "dispose", side, wait: false });
  await settle(driver);
  for (const side of pair.sides) {
    if (side.out.head() !== undefined) throw new Violation(`a write at ${side.name} has never settled`);
    if (side.reads.size > 0) throw new Violation(`a read at ${side.name} has never settled`);
  }
  driver.checkRetired();
  for (const { outcome, owner } of driver.holders) {
    if (outcome === undefined) throw new Violation("closed has never settled");
    const { reason } = outcome;
    if (!("reason" in outcome) && owner.failed) throw new Violation("closed resolved although a direction had failed");
    const known = !("reason" in outcome) || owner.possible.has(reason) ||
      (reason instanceof SocketError && owner.codes.has(reason.code));
    if (!known) throw new Violation(`closed rejected for no reason: ${reason}`);
  }
}

/** Runs a program. Throws what is wrong, with what has happened. */
export async function run({ mode, steps, finale }: Program): Promise<number> {
  const before = open();
  const driver = new Driver(mode, SENT);
  try {
    await settle(driver);
    for (const step of steps) {
      await driver.perform(step);
      if (step.wait) await settle(driver);
    }
    await settle(driver);
    if (finale === "drain") await drain(driver);
    await finish(driver);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${message}\n${driver.history.slice(-60).join("\n")}`, { cause: error });
  } finally {
    for (const { end } of driver.holders) end[Symbol.dispose]();
  }
  for (let attempt = 0; open().difference(before).size > 0; attempt += 1) {
    if (attempt === 200) {
      throw new Error(`left open: ${[...open().difference(before)].join(", ")}\n${driver.history.join("\n")}`);
    }
    await delay(5);
  }
  return driver.events;
}
