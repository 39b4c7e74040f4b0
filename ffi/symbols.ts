/**
 * The C functions that the module calls, each with its declaration beside it. The adapters in `runtimes/` turn this
 * one table into their runtime's own signatures.
 */

/** How a value is passed: `int` has 32 bits, the others are as wide as a pointer. In JS all are numbers. */
export type CType = "int" | "pointer" | "size";

/**
 * One C function: the types of its parameters and of its result. If the result is an `ssize_t` or a `long`, its low 32 bits are
 * read: no call here moves as much as 2 GiB, and 64 bits cost an object in Deno and Node.
 */
export interface CSignature {
  readonly parameters: readonly CType[];
  readonly result: "int" | "pointer";
}

export const SYMBOLS = {
  // int socketpair(int domain, int type, int protocol, int sv[2]);
  socketpair: { parameters: ["int", "int", "int", "pointer"], result: "int" },
  // ssize_t read(int fd, void *buf, size_t count);
  read: { parameters: ["int", "pointer", "size"], result: "int" },
  // ssize_t write(int fd, const void *buf, size_t count);
  write: { parameters: ["int", "pointer", "size"], result: "int" },
  // int close(int fd);
  close: { parameters: ["int"], result: "int" },
  // int shutdown(int fd, int how);
  shutdown: { parameters: ["int", "int"], result: "int" },
  // int getsockopt(int fd, int level, int name, void *value, socklen_t *length);
  getsockopt: { parameters: ["int", "int", "int", "pointer", "pointer"], result: "int" },
  // int setsockopt(int fd, int level, int name, const void *value, socklen_t length);
  setsockopt: { parameters: ["int", "int", "int", "pointer", "int"], result: "int" },
  // int fcntl(int fd, int op, ...): variadic, which fixed arity survives on Linux x86-64 and arm64 but not on Apple's arm64
  fcntl: { parameters: ["int", "int", "int"], result: "int" },
  // int epoll_create1(int flags);
  epoll_create1: { parameters: ["int"], result: "int" },
  // int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event);
  epoll_ctl: { parameters: ["int", "int", "int", "pointer"], result: "int" },
  // int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout);
  epoll_wait: { parameters: ["int", "pointer", "int", "int"], result: "int" },
  // int eventfd(unsigned int initval, int flags);
  eventfd: { parameters: ["int", "int"], result: "int" },
  // void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
  mmap: { parameters: ["pointer", "size", "int", "int", "int", "size"], result: "pointer" },
  // void *memcpy(void *dest, const void *src, size_t n);
  memcpy: { parameters: ["pointer", "pointer", "size"], result: "pointer" },
  // long syscall(long number, ...): here with the arguments of sendmsg and two zeros, or of statx, see SYSTEM_CALLS
  syscall: { parameters: ["size", "int", "pointer", "int", "int", "pointer"], result: "int" },
  // int poll(struct pollfd *fds, nfds_t nfds, int timeout);
  poll: { parameters: ["pointer", "size", "int"], result: "int" },
  // int madvise(void *addr, size_t length, int advice);
  madvise: { parameters: ["pointer", "size", "int"], result: "int" },
  // int sched_yield(void);
  sched_yield: { parameters: [], result: "int" },
  // pid_t getpid(void);
  getpid: { parameters: [], result: "int" },
  // int pipe2(int fds[2], int flags);
  pipe2: { parameters: ["pointer", "int"], result: "int" },
  // int socket(int domain, int type, int protocol);
  socket: { parameters: ["int", "int", "int"], result: "int" },
  // int bind(int fd, const struct sockaddr *address, socklen_t length);
  bind: { parameters: ["int", "pointer", "int"], result: "int" },
  // int listen(int fd, int backlog);
  listen: { parameters: ["int", "int"], result: "int" },
  // int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
  accept4: { parameters: ["int", "pointer", "pointer", "int"], result: "int" },
  // int connect(int fd, const struct sockaddr *address, socklen_t length);
  connect: { parameters: ["int", "pointer", "int"], result: "int" },
  // int getsockname(int fd, struct sockaddr *address, socklen_t *length);
  getsockname: { parameters: ["int", "pointer", "pointer"], result: "int" },
  // int getpeername(int fd, struct sockaddr *address, socklen_t *length);
  getpeername: { parameters: ["int", "pointer", "pointer"], result: "int" },
  // int open(const char *path, int flags, ...): variadic as fcntl is, and here never with a mode
  open: { parameters: ["pointer", "int"], result: "int" },
  // int flock(int fd, int operation);
  flock: { parameters: ["int", "int"], result: "int" },
  // int fchmod(int fd, mode_t mode);
  fchmod: { parameters: ["int", "int"], result: "int" },
  // int chmod(const char *path, mode_t mode);
  chmod: { parameters: ["pointer", "int"], result: "int" },
  // char *getcwd(char *buf, size_t size);
  getcwd: { parameters: ["pointer", "size"], result: "pointer" },
  // int unlink(const char *path);
  unlink: { parameters: ["pointer"], result: "int" },
} as const satisfies Record<string, CSignature>;

/** The hot calls. They have no `size_t` parameter, so that each runtime has a form for them that it calls fastest. */
export const MESSAGE_SYMBOLS = {
  // ssize_t recvmsg(int fd, struct msghdr *msg, int flags);
  recvmsg: { parameters: ["int", "pointer", "int"], result: "int" },
  // ssize_t sendmsg(int fd, const struct msghdr *msg, int flags);
  sendmsg: { parameters: ["int", "pointer", "int"], result: "int" },
  // int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout);
  recvmmsg: { parameters: ["int", "pointer", "int", "int", "pointer"], result: "int" },
  // int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags);
  sendmmsg: { parameters: ["int", "pointer", "int", "int"], result: "int" },
} as const satisfies Record<string, CSignature>;

/** One number for each parameter. */
type Numbers<Parameters extends readonly CType[]> = { -readonly [Index in keyof Parameters]: number };

type Symbols = typeof SYMBOLS & typeof MESSAGE_SYMBOLS;

/** Any of the functions. */
export type SymbolName = keyof Symbols;

/** The functions, numbers in and a number out. */
export type Calls = {
  readonly [Name in SymbolName]: (...values: Numbers<Symbols[Name]["parameters"]>) => number;
};

/**
 * What a pair and its first record need. These are looked up when the library is opened, the others at their first use: each
 * takes 0.15 to 0.5 ms in Deno and Node.
 */
export const FIRST: ReadonlySet<SymbolName> = new Set<SymbolName>([
  "socketpair",
  "close",
  "shutdown",
  "getsockopt",
  "setsockopt",
  "mmap",
  "poll",
  "getpid",
  "recvmsg",
  "sendmsg",
]);
