"""The demo's child in Python: answers what comes in on descriptor 3, as protocol.ts has it.

Its argument is the limit that protocol.ts speaks of. Standard library only, Python 3.6 or later.
"""

import hashlib
import socket
import sys

# Python names it from 3.13 on; the number is Linux's.
SO_TIMESTAMP = getattr(socket, "SO_TIMESTAMP", 29)


def records(end, limit):
    """Every record until the end of the stream.

    recv() returns b"" for an empty record and for the end alike. With SO_TIMESTAMP every record brings a control
    message, the empty ones too, and the end brings none.
    """
    end.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMP, 1)
    while True:
        record, control, flags, _ = end.recvmsg(limit, 64)
        if flags & socket.MSG_TRUNC:
            raise ValueError("a record is longer than %d bytes" % limit)
        if not record and not control:
            return
        yield record


def main():
    limit = int(sys.argv[1])
    end = socket.socket(fileno=3)
    end.send(b"")  # up
    whole = None  # of the file that is under way in parts
    for record in records(end, limit):
        if whole is not None and not record:
            end.send(whole.digest())
            whole = None
            continue
        if whole is not None:
            whole.update(record)
        elif len(record) == limit:
            whole = hashlib.sha256(record)
        end.send(hashlib.sha256(record).digest())
    end.close()


main()
