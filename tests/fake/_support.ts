/** What the tests on the fake C library start with. Nothing here takes time: turns of the event loop are counted. */

import process from "node:process";
import { setImmediate as turn } from "node:timers/promises";
import { test as plainTest } from "node:test";
import { SocketEnd, type SocketEndOptions, SocketError, type SocketType } from "../../mod.ts";
import { replaceClock, replaceLibc } from "../../ffi/hooks.ts";
import { CONSTANTS } from "../../ffi/systems/linux.ts";
import { FakeLibc, type FakeOptions } from "./_libc.ts";
import type { Step } from "./_script.ts";
import type { FakeSocket } from "./_socket.ts";
import { assert, renewBudget, test as censusTest } from "../_support.ts";

export { assert };

/** A test with a census of descriptors, where there is one: it reads /proc, which only Linux has. */
export const test: typeof censusTest = process.platform === "linux"
  ? censusTest
  : (name, body, { skip = false } = {}) => void plainTest(name, { skip: skip !== false }, body);

/** A test on a fake C library, after which nothing is open and no contract was broken. */
export function fakeTest(
  name: string,
  body: (fake: FakeLibc) => void | Promise<void>,
  options: FakeOptions = {},
): void {
  test(name, () => onFake(body, options));
}

/**
 * The product's clock on a fake: every look at it takes this many milliseconds. With one second no time is left to try
 * again, and so every wait is the poller's.
 */
export const clock = { step: 1000 };

/** Runs something on a fake C library, after which nothing is open and no contract was broken. */
export async function onFake(
  body: (fake: FakeLibc) => void | Promise<void>,
  options: FakeOptions = {},
): Promise<void> {
  // The clock, on which each look takes a second, is not to be looked at for what earlier tests have moved.
  await renewBudget();
  const fake = new FakeLibc(options);
  replaceLibc(fake);
  let time = 0;
  replaceClock(() => time += clock.step);
  try {
    await body(fake);
    await turns();
    assert.deepEqual(fake.breaches, []);
    assert.deepEqual(fake.kernel.openFiles(), [], "descriptors were left open");
    assert.equal(fake.forget(), 0, "steps of the script were never reached");
    fake.memory.dispose();
  } finally {
    fake.stop();
    replaceLibc(undefined);
    replaceClock(undefined);
    clock.step = 1000;
  }
}

/** Lets so many turns of the event loop pass. */
export async function turns(count: number = 10): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) await turn();
}

/** How a promise settles, which must not take more than `limit` turns. */
export async function outcome<T>(promise: Promise<T>, limit: number = 100): Promise<PromiseSettledResult<T>> {
  let settled: PromiseSettledResult<T> | undefined;
  void Promise.allSettled([promise]).then(([result]) => settled = result);
  // Where the budget is spent Deno waits for another thread, which takes time.
  const end = performance.now() + 500;
  for (let passed = 0; settled === undefined && (passed < limit || performance.now() < end); passed += 1) await turn();
  return settled ?? assert.fail(`the promise has not settled after ${limit} turns of the event loop`);
}

/** The value of a promise that must be fulfilled soon. */
export async function value<T>(promise: Promise<T>): Promise<T> {
  const settled = await outcome(promise);
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}

/** The reason of a promise that must be rejected soon. */
export async function reason(promise: Promise<unknown>): Promise<unknown> {
  const settled = await outcome(promise);
  return settled.status === "rejected" ? settled.reason : assert.fail("the promise was fulfilled");
}

/** The code of the `SocketError` that a promise must be rejected with soon. */
export async function code(promise: Promise<unknown>): Promise<string> {
  const error = await reason(promise);
  assert.ok(error instanceof SocketError, `not a SocketError: ${String(error)}`);
  return error.code;
}

/** As {@linkcode code}, of several. */
export function codes(...promises: Promise<unknown>[]): Promise<string[]> {
  return Promise.all(promises.map(code));
}

/** A promise whose rejection is looked at later. */
export function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Whether a promise is still unsettled after some turns. */
export async function isPending(promise: Promise<unknown>, count: number = 10): Promise<boolean> {
  let pending = true;
  const settled = () => void (pending = false);
  promise.then(settled, settled);
  await turns(count);
  return pending;
}

/** An end whose peer lives elsewhere: not in this thread, and not in the descriptor table. */
export function foreign(
  fake: FakeLibc,
  type: SocketType = "stream",
  options: SocketEndOptions = {},
): { end: SocketEnd; own: FakeSocket; peer: FakeSocket; fd: number } {
  const numbers = {
    stream: CONSTANTS.SOCK_STREAM,
    dgram: CONSTANTS.SOCK_DGRAM,
    seqpacket: CONSTANTS.SOCK_SEQPACKET,
  };
  const [own, peer] = fake.kernel.sockets(numbers[type]);
  const fd = fake.kernel.open(own);
  // Without trying again, so that a script's steps are met one a wait.
  return { end: SocketEnd.from(fd, { busyPoll: 0, ...options }) as SocketEnd, own, peer, fd };
}

/** Sends as much as fits. */
export function fill(socket: FakeSocket, record: Uint8Array = new Uint8Array(1024)): number {
  let count = 0;
  while (socket.send(record) >= 0) count += 1;
  return count;
}

/** Receives all that is there. */
export function drain(socket: FakeSocket): Uint8Array[] {
  const records: Uint8Array[] = [];
  while (socket.queue.length > 0) {
    const received = socket.receive();
    if (typeof received === "number") continue;
    records.push(received.bytes);
  }
  return records;
}

/** Bytes that differ from each other. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

/** Sends one byte a call, now and then with something in between. */
export function dripping(length: number): Step[] {
  return Array.from({ length }, (_, index) => index % 7 === 3 ? "EAGAIN" : index % 5 === 2 ? "EINTR" : { short: 1 });
}
