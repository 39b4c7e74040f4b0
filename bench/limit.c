/*
 * Blocking C with the same loops as workloads.ts: two processes, one call a piece.
 *
 *   limit <chunks|records|framed|round trips|thought> <any|one|two>
 *
 * The second argument says on how many cores: wherever the kernel puts the two processes, both on one, or one on each.
 * It talks as host.ts does: a line when it is ready, then a line for every line of stdin, which asks for a number of
 * operations: nanoseconds an operation, of time and of CPU on both sides.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 65536, RECORD = 64, FRAME = 4 + RECORD, BATCH = CHUNK / FRAME };
static const double THOUGHT = 200e-6;

static int chunks, records, framed, trips, thought;
static unsigned char chunk[CHUNK], buffer[CHUNK], ahead[2 * CHUNK];

static void fail(const char *what) {
  fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double clocked(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Puts this process on the first or the last of the cores that it may use. */
static void pin(int last) {
  cpu_set_t allowed, one;
  int core = -1;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == -1) fail("sched_getaffinity");
  for (int i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET(i, &allowed) && (core == -1 || last)) core = i;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  if (sched_setaffinity(0, sizeof one, &one) == -1) fail("sched_setaffinity");
}

static void send_all(int fd, const unsigned char *from, size_t size) {
  while (size > 0) {
    ssize_t n = send(fd, from, size, MSG_NOSIGNAL);
    if (n <= 0) fail("send");
    from += n, size -= n;
  }
}

/* One record, or that many bytes of a stream. */
static void receive_all(int fd, unsigned char *to, size_t size) {
  while (size > 0) {
    ssize_t n = recv(fd, to, size, 0);
    if (n <= 0) fail("recv");
    if (records && (size_t)n != size) fail("a record of another size");
    to += n, size -= n;
  }
}

static void send_record(int fd, uint32_t index) {
  unsigned char record[RECORD];
  memset(record, index & 255, RECORD);
  send_all(fd, record, RECORD);
}

static void receive_record(int fd, uint32_t index) {
  unsigned char record[RECORD];
  receive_all(fd, record, RECORD);
  if (record[0] != (index & 255)) fail("a record out of turn");
}

/* Frames of a 4-byte length and a record, as many as fit a write of 64 KiB. Gives how many records were sent. */
static uint32_t send_batch(int fd, uint32_t index, uint32_t count) {
  uint32_t size = RECORD, n = count - index < BATCH ? count - index : BATCH;
  for (uint32_t i = 0; i < n; i++) {
    memcpy(chunk + i * FRAME, &size, 4);
    memset(chunk + i * FRAME + 4, (index + i) & 255, RECORD);
  }
  send_all(fd, chunk, n * FRAME);
  return n;
}

/* A read as large as it comes, parsed; what is left of a frame waits in `ahead` for the next. */
static uint32_t receive_batch(int fd, uint32_t index) {
  static size_t kept;
  uint32_t size, first = index;
  ssize_t n = recv(fd, ahead + kept, CHUNK, 0);
  if (n <= 0) fail("recv");
  size_t end = kept + n, at = 0;
  for (; end - at >= 4; at += 4 + size) {
    memcpy(&size, ahead + at, 4);
    if (size != RECORD) fail("a length");
    if (end - at < 4 + size) break;
    if (ahead[at + 4] != (index++ & 255)) fail("a record out of turn");
  }
  kept = end - at;
  memmove(ahead, ahead + at, kept);
  return index - first;
}

static void think(void) {
  double until = clocked(CLOCK_MONOTONIC) + THOUGHT;
  while (thought && clocked(CLOCK_MONOTONIC) < until) continue;
}

/* The other side: echoes, or sends as many as it is asked for. */
static void guest(int fd) {
  for (;;) {
    if (trips) {
      unsigned char record[RECORD];
      receive_all(fd, record, RECORD), think(), send_all(fd, record, RECORD);
      continue;
    }
    uint32_t count;
    receive_all(fd, (unsigned char *)&count, 4);
    for (uint32_t i = 0; i < count;) {
      if (chunks) send_all(fd, chunk, CHUNK), i++;
      else if (framed) i += send_batch(fd, i, count);
      else send_record(fd, i++);
    }
  }
}

static void host(int fd, uint32_t count) {
  if (!trips) send_all(fd, (unsigned char *)&count, 4);
  for (uint32_t i = 0; i < count;) {
    if (trips) think(), send_record(fd, i), receive_record(fd, i), i++;
    else if (chunks) receive_all(fd, buffer, CHUNK), i++;
    else if (framed) i += receive_batch(fd, i);
    else receive_record(fd, i), i++;
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "limit: see the head of limit.c\n"), 2;
  chunks = !strcmp(argv[1], "chunks"), framed = !strcmp(argv[1], "framed"), records = !strcmp(argv[1], "records");
  thought = !strcmp(argv[1], "thought"), trips = thought || !strcmp(argv[1], "round trips");
  int pinned = strcmp(argv[2], "any") != 0, two = !strcmp(argv[2], "two"), pair[2];
  if (socketpair(AF_UNIX, records ? SOCK_SEQPACKET : SOCK_STREAM, 0, pair) == -1) fail("socketpair");
  pid_t child = fork();
  if (child == -1) fail("fork");
  if (pinned) pin(child == 0 && two);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(pair[0]), guest(pair[1]);
  }
  close(pair[1]);
  clockid_t clock;
  if (clock_getcpuclockid(child, &clock) != 0) fail("clock_getcpuclockid");
  double spent = thought ? 2 * THOUGHT * 1e9 : 0;
  char line[32];
  host(pair[0], 1);
  for (uint32_t count = 64; count > 0; count = fgets(line, sizeof line, stdin) ? atoi(line) : 0) {
    /* Not measured, as in host.ts. */
    host(pair[0], count);
    double cpu = clocked(CLOCK_PROCESS_CPUTIME_ID) + clocked(clock), from = clocked(CLOCK_MONOTONIC);
    host(pair[0], count);
    double to = clocked(CLOCK_MONOTONIC);
    cpu = clocked(CLOCK_PROCESS_CPUTIME_ID) + clocked(clock) - cpu;
    printf("{\"ns\":%.3f,\"cpu\":%.3f}\n", (to - from) * 1e9 / count - spent, cpu * 1e9 / count - spent);
    fflush(stdout);
  }
  kill(child, SIGKILL);
  return 0;
}
