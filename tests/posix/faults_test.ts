import { noInjection, runInjected } from "../stress/faults/_strace.ts";
import { assert, musl, test } from "../_support.ts";

const MEANING: [code: string, errno: number, meaning: string][] = [
  ["EPERM", 1, "the system does not permit it"],
  ["ENOMEM", 12, "the system is out of memory"],
  ["EACCES", 13, "the process has no privilege for it"],
  ["EFAULT", 14, "the address is outside this process's memory"],
  ["EINVAL", 22, "an argument is invalid"],
  ["ENFILE", 23, "the system has too many open files"],
  ["EMFILE", 24, "this process has too many open files"],
  ["EPROTOTYPE", 91, "the protocol does not support this type"],
  ["EPROTONOSUPPORT", 93, "the protocol is not supported"],
  ["ESOCKTNOSUPPORT", 94, "the type is not supported"],
  ["EOPNOTSUPP", 95, "the operation is not supported by this kind of socket"],
  ["EAFNOSUPPORT", 97, "the address family is not supported"],
  ["ENOBUFS", 105, "the system is out of buffer space"],
];

for (const [code, errno, meaning] of MEANING) {
  test(
    `socketpair() that the kernel refuses with ${code} throws that, opens nothing and leaves the vector`,
    async () => {
      const outcome = await runInjected("socketpair", `error=${code}:when=20+`, "socketpair.ts", [code, `${errno}`]);
      const { stdout, stderr, injected } = outcome;
      assert.equal(stdout, `Cannot create a socket pair: ${meaning} (${code})\n`, stderr);
      assert.equal(outcome.code, 0);
      // musl tries again without SOCK_CLOEXEC, for kernels that do not know it.
      const twice = musl && (code === "EINVAL" || code === "EPROTONOSUPPORT");
      assert.equal(injected.length, twice ? 8 : 4);
    },
    { skip: noInjection },
  );
}

test("socketpair() that the kernel refuses with a code of no name throws its number", async () => {
  const { stdout, stderr } = await runInjected("socketpair", "error=4000:when=20+", "socketpair.ts", ["E4000", "4000"]);
  assert.equal(stdout, "Cannot create a socket pair: socketpair failed (E4000)\n", stderr);
}, { skip: noInjection });
