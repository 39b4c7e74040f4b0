/*
 * The limit: what blocking C reaches with the same loops as workloads.ts.
 *
 *   limit <stream|seqpacket|batches> <W1|W2|W3|W4> <a|b|c> <warm-up count> <count> [pairs]
 *
 * a: one thread (a send, then its receive), b: two processes, c: two threads. Prints one line of JSON.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 65536, RECORD = 64, FRAME = 4 + RECORD, BATCH = CHUNK / FRAME };
enum { W1 = 1, W2, W3, W4 };

static int workload, batches, records;
static unsigned char chunk[CHUNK], buffer[CHUNK], ahead[2 * CHUNK];

static void fail(const char *what) {
  fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Processor time of both sides; that of another process is read by its clock. */
static double used(pid_t child) {
  struct timespec t;
  clockid_t clock;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  double seconds = t.tv_sec + t.tv_nsec * 1e-9;
  if (child > 0 && clock_getcpuclockid(child, &clock) == 0 && clock_gettime(clock, &t) == 0)
    seconds += t.tv_sec + t.tv_nsec * 1e-9;
  return seconds;
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

static void check(unsigned char got, uint32_t index) {
  if (got != (index & 255)) fail("a record out of turn");
}

static void send_record(int fd, uint32_t index) {
  unsigned char record[RECORD];
  memset(record, index & 255, RECORD);
  send_all(fd, record, RECORD);
}

static void receive_record(int fd, uint32_t index) {
  unsigned char record[RECORD];
  receive_all(fd, record, RECORD);
  check(record[0], index);
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
    check(ahead[at + 4], index++);
  }
  kept = end - at;
  memmove(ahead, ahead + at, kept);
  return index - first;
}

/* The other side: echoes in W3, else sends as many as it is told to. */
static void *guest(void *end) {
  int fd = *(int *)end;
  for (;;) {
    if (workload == W3) {
      unsigned char record[RECORD];
      receive_all(fd, record, RECORD);
      send_all(fd, record, RECORD);
      continue;
    }
    uint32_t count;
    receive_all(fd, (unsigned char *)&count, 4);
    for (uint32_t i = 0; i < count;) {
      if (workload == W1) send_all(fd, chunk, CHUNK), i++;
      else if (batches) i += send_batch(fd, i, count);
      else send_record(fd, i++);
    }
  }
  return NULL;
}

static void host(int fd, uint32_t count) {
  if (workload != W3) send_all(fd, (unsigned char *)&count, 4);
  for (uint32_t i = 0; i < count;) {
    if (workload == W3) send_record(fd, i), receive_record(fd, i), i++;
    else if (workload == W1) receive_all(fd, buffer, CHUNK), i++;
    else if (batches) i += receive_batch(fd, i);
    else receive_record(fd, i), i++;
  }
}

static void alone(int (*pairs)[2], uint32_t number, uint32_t count) {
  for (uint32_t i = 0; i < count;) {
    int *pair = pairs[i % number];
    if (workload == W1) {
      send_all(pair[1], chunk, CHUNK), receive_all(pair[0], buffer, CHUNK), i++;
    } else if (batches) {
      uint32_t sent = send_batch(pair[1], i, count);
      while (sent > 0) {
        uint32_t received = receive_batch(pair[0], i);
        i += received, sent -= received;
      }
    } else {
      send_record(pair[1], i), receive_record(pair[0], i);
      if (workload == W3) send_record(pair[0], i), receive_record(pair[1], i);
      i++;
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 6) return fprintf(stderr, "limit: see the head of limit.c\n"), 2;
  workload = argv[2][1] - '0';
  batches = strcmp(argv[1], "batches") == 0;
  records = strcmp(argv[1], "seqpacket") == 0;
  char placement = argv[3][0];
  uint32_t phases[3] = {1, atoi(argv[4]), atoi(argv[5])}, number = argc > 6 ? atoi(argv[6]) : 1;
  int(*pairs)[2] = calloc(number, sizeof *pairs);
  for (uint32_t i = 0; i < number; i++)
    if (socketpair(AF_UNIX, records ? SOCK_SEQPACKET : SOCK_STREAM, 0, pairs[i]) == -1) fail("socketpair");
  pid_t child = 0;
  pthread_t thread;
  if (placement == 'b') {
    child = fork();
    if (child == -1) fail("fork");
    /* Each keeps its own end only: a guest whose host is gone reads the end of the stream. */
    close(pairs[0][child == 0 ? 0 : 1]);
    if (child == 0) guest(&pairs[0][1]);
  }
  if (placement == 'c' && pthread_create(&thread, NULL, guest, &pairs[0][1]) != 0) fail("pthread_create");
  double elapsed = 0, cpu = 0;
  for (int phase = 0; phase < 3; phase++) {
    double from = now(), cpu_from = used(child);
    if (placement == 'a') alone(pairs, number, phases[phase]);
    else host(pairs[0][0], phases[phase]);
    elapsed = now() - from;
    cpu = used(child) - cpu_from;
  }
  printf("{\"operations\":%u,\"seconds\":%.9f,\"cpu\":%.9f}\n", phases[2], elapsed, cpu);
  if (child > 0) kill(child, SIGKILL), waitpid(child, NULL, 0);
  return 0;
}
