/** The numbers and layouts of `ffi/systems/linux.ts` against the headers of every C library that is installed here. */

import { spawnSync } from "node:child_process";
import * as linux from "../../ffi/systems/linux.ts";
import { assert, test } from "../_support.ts";

const { CONSTANTS, ERRNO, IOVEC_SIZE, CMSGHDR_SIZE, MSGHDR, SYSTEM_CALLS } = linux;
const HEADERS = ["errno", "fcntl", "limits", "poll", "stddef"]
  .concat(["epoll", "eventfd", "mman", "socket", "syscall", "uio"].map((name) => `sys/${name}`));
/** Those that have the same name in C. */
const alike = Object.entries(linux).filter(([name]) => /^(EPOLL|POLL|F_|FD_|IOV_MAX)/.test(name));
const { size: header, ...fields } = MSGHDR;

/** Expressions in C, each with its value. */
const EXPRESSIONS: Record<string, unknown> = {
  ...CONSTANTS,
  ...ERRNO,
  ...Object.fromEntries(alike),
  "EFD_CLOEXEC | EFD_NONBLOCK": linux.EFD_CLOEXEC_NONBLOCK,
  "PROT_READ | PROT_WRITE": linux.PROT_READ_WRITE,
  "MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE": linux.MAP_SCRATCH,
  "sizeof(struct msghdr)": header,
  "sizeof(struct iovec)": IOVEC_SIZE,
  "offsetof(struct iovec, iov_len)": IOVEC_SIZE / 2,
  "sizeof(struct cmsghdr)": CMSGHDR_SIZE,
  "offsetof(struct cmsghdr, cmsg_level)": 8,
  "offsetof(struct cmsghdr, cmsg_type)": 12,
  "sizeof(struct ucred)": 12,
  "sizeof(struct pollfd)": 8,
  "offsetof(struct pollfd, revents)": 6,
};
for (const [field, offset] of Object.entries(fields)) EXPRESSIONS[`offsetof(struct msghdr, msg_${field})`] = offset;

/** What depends on the processor, by what the compiler says of it. */
const PROCESSORS = { x64: "__x86_64__", arm64: "__aarch64__" };

function asserts(expressions: Record<string, unknown>): string {
  return Object.entries(expressions).map(([c, value]) => `_Static_assert((${c}) == ${value}, "${c}");\n`).join("");
}

function source(left: readonly string[]): string {
  let text = "#define _GNU_SOURCE\n";
  for (const name of HEADERS) text += `#include <${name}.h>\n`;
  text += asserts(Object.fromEntries(Object.entries(EXPRESSIONS).filter(([c]) => !left.includes(c))));
  for (const [arch, macro] of Object.entries(PROCESSORS)) {
    const { size, data } = linux.epollEventLayout(arch);
    const own = { "sizeof(struct epoll_event)": size, "offsetof(struct epoll_event, data)": data };
    const numbers = Object.entries(SYSTEM_CALLS[arch]!).map(([name, number]) => [`SYS_${name}`, number]);
    text += `#ifdef ${macro}\n${asserts({ ...own, ...Object.fromEntries(numbers) })}#endif\n`;
  }
  return text;
}

const ARGS = ["-x", "c", "-fsyntax-only", "-"];

/** What headers of some years ago do not have. */
const NEWER = ["SCM_PIDFD"];

/** Which of those the headers of a compiler lack. */
function lacking(compiler: string): string[] {
  const includes = HEADERS.map((name) => `#include <${name}.h>\n`).join("");
  return NEWER.filter((name) => {
    const input = `#define _GNU_SOURCE\n${includes}#ifndef ${name}\n#error\n#endif\n`;
    return spawnSync(compiler, ARGS, { input }).status !== 0;
  });
}

for (const compiler of ["cc", "musl-gcc", "aarch64-linux-gnu-gcc"]) {
  const { status } = spawnSync(compiler, ARGS, { input: "#include <errno.h>\n" });
  const left = status === 0 ? lacking(compiler) : [];
  const but = left.length > 0 ? ` (but for ${left.join(", ")}, which they lack)` : "";
  test(`numbers and layouts are those of the headers of ${compiler}${but}`, () => {
    const { status, stderr } = spawnSync(compiler, ARGS, { input: source(left), encoding: "utf8" });
    assert.equal(status, 0, stderr);
  }, { skip: status !== 0 && "it or its headers are not installed" });
}
