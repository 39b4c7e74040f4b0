"""A peer in Python with an end as its descriptor 3. Its first argument says what it does."""

import os
import socket
import sys


def receive_fds(end, most):
    """Reads what the descriptors that come stand for, and says it."""
    data, fds, flags, _ = socket.recv_fds(end, 65536, most)
    words = [data.decode(), str(flags & socket.MSG_CTRUNC)]
    for fd in fds:
        with os.fdopen(fd, "rb") as file:
            words.append(file.read().decode())
    end.send("|".join(words).encode())


def send_fds(end):
    """Sends pipes, in each of which something waits, with records of different sizes."""
    for count in map(int, sys.argv[2:]):
        pipes = [os.pipe() for _ in range(count)]
        for number, (reading, writing) in enumerate(pipes):
            os.write(writing, b"pipe %d" % number)
            os.close(writing)
        socket.send_fds(end, [b"%d pipes" % count], [reading for reading, _ in pipes])
        for reading, _ in pipes:
            os.close(reading)
    end.close()


def send_socket(end):
    """Sends one end of a pair of its own, and answers what comes to the other."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    socket.send_fds(end, [b"a socket"], [theirs.fileno()])
    theirs.close()
    while record := ours.recv(65536):
        ours.send(record.upper())


def echo(end):
    """Sends every record back until an empty one, and checks that none is cut."""
    while True:
        record, _, flags, _ = end.recvmsg(1 << 20)
        assert not flags & socket.MSG_TRUNC
        end.send(record)
        if not record:
            break


def boundaries(end):
    """Sends records of many sizes, an empty one among them."""
    for size in [1, 0, 100, 65536, 200000, 3]:
        end.send(bytes([size % 256]) * size)


end = socket.socket(fileno=3)
assert end.family == socket.AF_UNIX and end.getblocking()
tasks = {
    "receive fds": lambda: receive_fds(end, int(sys.argv[2])),
    "send fds": lambda: send_fds(end),
    "send socket": lambda: send_socket(end),
    "echo": lambda: echo(end),
    "boundaries": lambda: boundaries(end),
}
tasks[sys.argv[1]]()
