/*
 * A peer in C with an end as its descriptor 3, of which it knows nothing but that it is a connected socket.
 *
 *   rights receive   takes descriptors that come with records, writes "written in C" to each, and answers how many came
 *   rights send N    sends N pipes with one record, in each of which its number waits
 *   rights echo      sends every record back, empty ones too, until the peer is gone
 */

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST 253

static char data[1 << 20];
static union {
  struct cmsghdr header;
  char room[CMSG_SPACE(MOST * sizeof(int))];
} control;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void receive(void) {
  for (;;) {
    struct iovec iov = {data, sizeof data};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(3, &message, MSG_CMSG_CLOEXEC);
    if (length < 0) fail("recvmsg");
    if (length == 0 && message.msg_controllen == 0) return;
    int count = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
      int total = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (int index = 0; index < total; index++) {
        int fd;
        memcpy(&fd, CMSG_DATA(c) + index * sizeof fd, sizeof fd);
        if (write(fd, "written in C", 12) != 12) fail("write");
        close(fd);
        count++;
      }
    }
    char answer[64];
    int size = snprintf(answer, sizeof answer, "%zd bytes, %d descriptors, flags %d", length, count,
                        message.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
    if (send(3, answer, size, 0) != size) fail("send");
  }
}

static void send_pipes(int count) {
  int reading[MOST];
  for (int index = 0; index < count; index++) {
    int ends[2];
    if (pipe(ends) != 0) fail("pipe");
    dprintf(ends[1], "%d", index);
    close(ends[1]);
    reading[index] = ends[0];
  }
  struct iovec iov = {"pipes", 5};
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control};
  message.msg_controllen = CMSG_SPACE(count * sizeof(int));
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
  memcpy(CMSG_DATA(&control.header), reading, count * sizeof(int));
  if (sendmsg(3, &message, 0) != 5) fail("sendmsg");
}

static void echo(void) {
  for (;;) {
    ssize_t length = recv(3, data, sizeof data, 0);
    if (length < 0 && errno == ECONNRESET) return;
    if (length < 0) fail("recv");
    /* The end looks like an empty record; an answer to it fails, or is what the peer leaves unread. */
    if (send(3, data, length, MSG_NOSIGNAL) != length) return;
  }
}

int main(int argc, char **argv) {
  const char *task = argc > 1 ? argv[1] : "";
  if (strcmp(task, "receive") == 0) receive();
  else if (strcmp(task, "send") == 0) send_pipes(atoi(argv[2]));
  else if (strcmp(task, "echo") == 0) echo();
  else return 2;
  return 0;
}
