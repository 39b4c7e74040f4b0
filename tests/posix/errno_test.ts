import { libc } from "../../ffi/libc.ts";
import { CONSTANTS, ERRNO } from "../../ffi/systems/linux.ts";
import { assert, test } from "../_support.ts";

const { EAGAIN, EBADF, EFAULT } = ERRNO;

/** Calls that fail, one for each number of parameters from one to five, some of them looked up at first use. */
const FAILING: readonly (readonly [string, number, () => number])[] = [
  ["close", EBADF, () => libc().calls.close(-1)],
  ["shutdown", EBADF, () => libc().calls.shutdown(-1, 0)],
  ["fcntl", EBADF, () => libc().calls.fcntl(-1, 1, 0)],
  ["pipe2", EFAULT, () => libc().calls.pipe2(0, 0)],
  ["epoll_ctl", EBADF, () => libc().calls.epoll_ctl(-1, 2, -1, 0)],
  ["getsockopt", EBADF, () => libc().calls.getsockopt(-1, 1, 3, 0, 0)],
];

for (const [name, errno, call] of FAILING) {
  test(`errno() gives why ${name}() has failed, whatever is done before it is asked`, () => {
    assert.equal(call(), -1);
    assert.ok(libc().calls.getpid() > 0);
    assert.equal(new Uint8Array(1 << 20).length, 1 << 20);
    libc().calls.sched_yield();
    assert.equal(libc().errno(), errno);
  });
}

test("errno() gives why a bound call has failed: one message, or many", () => {
  const { address, buffer } = libc().allocate(4096);
  const [left, right] = new Int32Array(buffer, 1024, 2);
  assert.deepEqual([left, right], [0, 0]);
  assert.equal(libc().calls.socketpair(1, CONSTANTS.SOCK_SEQPACKET | CONSTANTS.SOCK_CLOEXEC, 0, address + 1024), 0);
  const [one, other] = new Int32Array(buffer, 1024, 2);
  const { MSG_DONTWAIT, MSG_NOSIGNAL } = CONSTANTS;
  const { recvmsg, recvmmsg, sendmmsg } = libc().calls;
  const one_ = (fd: number, flags: number) => recvmsg(fd, address, flags);
  for (const receive of [one_, (fd: number, flags: number) => recvmmsg(fd, address + 2048, 1, flags, 0)]) {
    libc().calls.close(-1);
    assert.equal(libc().errno(), EBADF);
    assert.equal(receive(one!, MSG_DONTWAIT), -1);
    assert.equal(libc().errno(), EAGAIN);
  }
  libc().calls.close(other!);
  assert.equal(sendmmsg(one!, address + 2048, 1, MSG_NOSIGNAL), -1);
  assert.equal(libc().errno(), ERRNO.EPIPE);
  libc().calls.close(one!);
});
