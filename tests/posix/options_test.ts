import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import process from "node:process";
import {
  AF_UNIX,
  close,
  getsockopt,
  setsockopt,
  SO_DOMAIN,
  SO_ERROR,
  SO_RCVBUF,
  SO_SNDBUF,
  SO_TYPE,
  SOCK_SEQPACKET,
  SOL_SOCKET,
  write,
} from "../../ffi/mod.ts";
import { codeOf, failure, records } from "../stress/faults/_raw.ts";
import { assert, test } from "../_support.ts";

/** Options that the module does not export, by their numbers on Linux. */
const SO_PEERCRED = 17;
const IPPROTO_TCP = 6;

const WMEM_MAX = "/proc/sys/net/core/wmem_max";
const noMaximum = existsSync(WMEM_MAX) ? false : "this container does not tell net.core.wmem_max";

test("getsockopt() tells type, family and that no error is pending", () => {
  using pair = records();
  assert.equal(getsockopt(pair[0], SOL_SOCKET, SO_TYPE), SOCK_SEQPACKET);
  assert.equal(getsockopt(pair[0], SOL_SOCKET, SO_DOMAIN), AF_UNIX);
  assert.equal(getsockopt(pair[0], SOL_SOCKET, SO_ERROR), 0);
});

test("getsockopt() of SO_ERROR gives the pending error and clears it", () => {
  const pair = records();
  write(pair[0], new Uint8Array(1));
  close(pair[1]);
  assert.equal(getsockopt(pair[0], SOL_SOCKET, SO_ERROR), 104);
  assert.equal(getsockopt(pair[0], SOL_SOCKET, SO_ERROR), 0);
  close(pair[0]);
});

test("getsockopt() gives the first int of a longer option", () => {
  using pair = records();
  assert.equal(getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED), process.pid);
});

test("setsockopt() sets a buffer size of one end, which Linux doubles", () => {
  using pair = records();
  const untouched = getsockopt(pair[1], SOL_SOCKET, SO_SNDBUF);
  for (const option of [SO_SNDBUF, SO_RCVBUF]) {
    setsockopt(pair[0], SOL_SOCKET, option, 20_000);
    assert.equal(getsockopt(pair[0], SOL_SOCKET, option), 40_000);
  }
  assert.equal(getsockopt(pair[1], SOL_SOCKET, SO_SNDBUF), untouched);
});

test("setsockopt() of SO_SNDBUF stops at twice net.core.wmem_max", () => {
  using pair = records();
  setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, 2 ** 31 - 1);
  assert.equal(getsockopt(pair[0], SOL_SOCKET, SO_SNDBUF), 2 * Number(readFileSync(WMEM_MAX, "utf8")));
}, { skip: noMaximum });

test("setsockopt() of SO_SNDBUF changes what the largest record is", () => {
  using pair = records();
  setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, 8192);
  assert.equal(codeOf(() => write(pair[0], new Uint8Array(2 * 8192 - 31))), "EMSGSIZE");
  assert.equal(write(pair[0], new Uint8Array(2 * 8192 - 32)), 2 * 8192 - 32);
});

test("getsockopt() and setsockopt() of an unknown option fail with ENOPROTOOPT", () => {
  using pair = records();
  for (const call of [() => getsockopt(pair[0], SOL_SOCKET, 9999), () => setsockopt(pair[0], SOL_SOCKET, 9999, 1)]) {
    const { code, errno, message } = failure(call);
    assert.deepEqual([code, errno], ["ENOPROTOOPT", 92]);
    assert.match(message, /^Cannot (read|set) a socket option: the option is unknown \(ENOPROTOOPT\)$/);
  }
});

test("setsockopt() of a read-only option fails with ENOPROTOOPT", () => {
  using pair = records();
  for (const option of [SO_TYPE, SO_ERROR, SO_DOMAIN]) {
    assert.equal(codeOf(() => setsockopt(pair[0], SOL_SOCKET, option, 1)), "ENOPROTOOPT");
  }
});

test("getsockopt() and setsockopt() at a level that AF_UNIX does not have fail with EOPNOTSUPP", () => {
  using pair = records();
  assert.equal(codeOf(() => getsockopt(pair[0], IPPROTO_TCP, 1)), "EOPNOTSUPP");
  assert.equal(codeOf(() => setsockopt(pair[0], IPPROTO_TCP, 1, 1)), "EOPNOTSUPP");
});

test("getsockopt() and setsockopt() of what is no socket fail with ENOTSOCK", () => {
  const file = openSync("/dev/null", "r+");
  assert.equal(codeOf(() => getsockopt(file, SOL_SOCKET, SO_TYPE)), "ENOTSOCK");
  assert.equal(codeOf(() => setsockopt(file, SOL_SOCKET, SO_SNDBUF, 4096)), "ENOTSOCK");
  closeSync(file);
});
