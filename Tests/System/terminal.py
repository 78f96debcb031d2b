"""A terminal for programs under test: what they print when a person sits before it, and what completion types."""

import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from fcntl import ioctl


class Terminal:
    """A program on a pseudo terminal of 120 columns."""

    def __init__(self, command, cwd, environment):
        ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.descriptor, self.text = ours, ""
        self.process = subprocess.Popen(command, cwd=cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
                                        start_new_session=True)
        os.close(theirs)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.descriptor)

    def type(self, text):
        os.write(self.descriptor, text.encode())

    def read(self, until, seconds=20):
        """What has been shown since the last call, up to where `until` (a pattern) has been; fails when it never is."""
        end = time.monotonic() + seconds
        while not (found := re.search(until, self.text)):
            ready, _, _ = select.select([self.descriptor], [], [], max(0, end - time.monotonic()))
            try:
                piece = os.read(self.descriptor, 65536) if ready else b""
            except OSError:  # the program has ended
                piece = b""
            assert piece, f"never shown: {until}\n{self.text!r}"
            self.text += piece.decode(errors="replace")
        shown, self.text = self.text[:found.end()], self.text[found.end():]
        return shown

    def all(self, seconds=30):
        """Everything until the program ends, with plain line ends."""
        end = time.monotonic() + seconds
        while True:
            ready, _, _ = select.select([self.descriptor], [], [], max(0, end - time.monotonic()))
            assert ready, f"does not end:\n{self.text!r}"
            try:
                piece = os.read(self.descriptor, 65536)
            except OSError:
                piece = b""
            if not piece:
                self.process.wait(10)
                return self.text.replace("\r\n", "\n")
            self.text += piece.decode(errors="replace")
