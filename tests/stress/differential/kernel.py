"""The other side in plain POSIX: does what it is told on descriptors that come by descriptor 3, and logs what the kernel took and gave."""

import base64
import errno
import json
import os
import random
import socket
import struct
import sys

control = socket.socket(fileno=3)
NOISE = random.Random(1).randbytes(1 << 20)
WAIT_NOT = socket.MSG_DONTWAIT
SO_PASSCRED, SCM_CREDENTIALS = 16, 2


class Other:
    """One descriptor. A record is logged as its length, how many descriptors came with it, and its bytes."""

    def __init__(self, prefix):
        _, fds, _, _ = socket.recv_fds(control, 1, 1)
        self.end = socket.socket(fileno=fds[0])
        # An empty record then comes with a control message, and the end of the stream without one.
        self.end.setsockopt(socket.SOL_SOCKET, SO_PASSCRED, 1)
        self.stream = self.end.type == socket.SOCK_STREAM
        self.prefix = prefix
        self.sent, self.got, self.rest, self.faults = bytearray(), bytearray(), b"", []
        self.fds = self.came = self.id = 0
        self.shut = self.eof = self.purged = False
        self.null = os.open("/dev/zero", os.O_RDONLY)

    def recv(self, count, size):
        for _ in range(count):
            try:
                data, controls, flags, _ = self.end.recvmsg(size if self.stream else 1 << 21, 8192, WAIT_NOT)
            except BlockingIOError:
                return
            except ConnectionResetError:
                continue
            came = 0
            for _, kind, words in controls:
                numbers = struct.unpack(f"{len(words) // 4}i", words)
                if data and kind == SCM_CREDENTIALS and numbers[0] != os.getppid():
                    self.faults.append(f"credentials of process {numbers[0]}")
                if kind == socket.SCM_RIGHTS:
                    came += len(numbers)
                    for fd in numbers:
                        os.close(fd)
            if not data and (self.stream or not controls):
                self.eof = self.eof or not self.shut
                return
            if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
                self.faults.append(f"a record cut: flags {flags}")
            self.came += came
            self.got += data if self.stream else struct.pack("<IB", len(data), came) + data

    def send(self, *records):
        for size, fds in records:
            self.id += 1
            data = struct.pack("<I", self.id)[:size] + NOISE[self.id * 997 : self.id * 997 + max(0, size - 4)]
            data = struct.pack(self.prefix, size) + data if self.prefix else data
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", self.null) * fds)] if fds else []
            if self.stream and (not self.flush() or not data):
                continue
            try:
                taken = self.end.sendmsg([data], rights, WAIT_NOT)
            except OSError as error:
                # The kernel throws away what has come to a socket that learns so that its peer is gone.
                self.purged |= not self.stream and error.errno == errno.ECONNREFUSED
                continue
            self.fds += fds
            self.sent += data[:taken] if self.stream else struct.pack("<IB", size, fds) + data
            self.rest = data[taken:] if self.prefix else b""

    def flush(self):
        try:
            while self.rest:
                taken = self.end.send(self.rest, WAIT_NOT)
                self.sent += self.rest[:taken]
                self.rest = self.rest[taken:]
        except OSError:
            return False
        return True

    def refuse(self):
        """No more can come from here on: what has come is logged, so that nothing the kernel took is unknown."""
        self.recv(1 << 20, 1 << 20)
        self.shut = True
        self.end.shutdown(socket.SHUT_RD)
        self.recv(1 << 20, 1 << 20)

    def finish(self):
        self.end.shutdown(socket.SHUT_WR)

    def vanish(self):
        """Closes with what has come unread, which is a reset."""
        self.end.close()

    def state(self):
        return {"cut": bool(self.rest), "eof": self.eof, "sent": len(self.sent)}

    def over(self):
        if self.end.fileno() >= 0:
            self.recv(1 << 20, 1 << 20)
            self.end.close()
        os.close(self.null)
        log = {name: base64.b64encode(getattr(self, name)).decode() for name in ("sent", "got")}
        return {**log, "cut": bool(self.rest), "purged": self.purged, "fds": self.fds, "came": self.came, "faults": self.faults}


for line in sys.stdin:
    act, *details = json.loads(line)
    try:
        if act == "new":
            other, answer = Other(*details), True
        else:
            answer = getattr(other, act)(*details)
    except OSError as error:
        answer = str(error)
        if other.end.fileno() >= 0 and act not in ("finish", "refuse"):
            other.faults.append(f"{act}: {error}")
    if act in ("new", "state", "over"):
        print(json.dumps(answer), flush=True)
