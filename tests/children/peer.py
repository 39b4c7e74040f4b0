"""The other end in another language. First argument: what to do with descriptor 3."""

import hashlib
import socket
import sys

end = socket.socket(fileno=3)
RECORD = 1 << 20


def received():
    while data := end.recv(RECORD):
        yield data


if sys.argv[1] == "digests":
    for record in received():
        end.send(hashlib.sha256(record).digest())
elif sys.argv[1] == "echo":
    for data in received():
        end.sendall(data)
elif sys.argv[1] == "digest":
    whole = hashlib.sha256()
    for data in received():
        whole.update(data)
    end.sendall(whole.digest())
end.shutdown(socket.SHUT_WR)
