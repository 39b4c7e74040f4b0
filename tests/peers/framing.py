"""Length-prefixed records on descriptor 3: sends every one back in reverse, then how many there were, and ends."""

import socket
import struct


def read_exactly(stream, size):
    data = stream.read(size)
    if len(data) < size:
        raise EOFError(f"{len(data)} of {size} bytes")
    return data


def read_record(stream):
    prefix = stream.read(4)
    if not prefix:
        return None
    (length,) = struct.unpack("<I", prefix)
    return read_exactly(stream, length)


def write_record(stream, record):
    stream.write(struct.pack("<I", len(record)) + record)


end = socket.socket(fileno=3)
with end.makefile("rwb") as stream:
    count = 0
    while (record := read_record(stream)) is not None:
        write_record(stream, record[::-1])
        count += 1
    write_record(stream, str(count).encode())
    stream.flush()
