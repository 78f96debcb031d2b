"""Processes the harness starts: pinned, watched, and ended by their ids whatever happens."""
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence


class Failure(Exception):
    """A measurement that cannot be made, said in one line."""


@dataclass(frozen=True)
class Memory:
    """Megabytes (10^6 bytes, the stricter reading of a bound) of a process and its children."""

    anonymous: float
    resident: float


class Process:
    """One started program, pinned to a core when `cpu` is given. A context manager: leaving ends it."""

    STOP_SECONDS = 10

    def __init__(
        self,
        arguments: Sequence[str | Path],
        log: Path,
        cpu: int | None = None,
        environment: dict[str, str] | None = None,
        folder: Path | None = None,
    ):
        self.arguments = [str(argument) for argument in arguments]
        self.log = log
        prefix = [] if cpu is None else ["taskset", "-c", str(cpu)]
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        # For appending, so that forget_log() frees the space.
        with open(log, "ab") as output:
            self.popen = subprocess.Popen(
                prefix + self.arguments,
                env={**os.environ, **(environment or {})},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Out of the terminal's group, so that Ctrl-C reaches the harness alone, which then ends each in order.
                start_new_session=True,
            )

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        if self.popen.poll() is not None:
            return
        # Handles, not numbers: a number may be another's by the time it is used.
        children = [handle for handle in map(_handle, self.family()[1:]) if handle is not None]
        self.popen.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(self.STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        for child in children:
            try:
                signal.pidfd_send_signal(child, signal.SIGKILL)
            except ProcessLookupError:
                pass
            os.close(child)

    def wait_until_ready(self, is_ready: Callable[[], bool], seconds: float = 15, pause: float = 0.02) -> None:
        deadline = time.monotonic() + seconds
        while not is_ready():
            if self.popen.poll() is not None:
                raise Failure(f"{self.arguments[0]} ended with code {self.popen.returncode}: {self.last_words()}")
            if time.monotonic() > deadline:
                raise Failure(f"{self.arguments[0]} was not ready after {seconds:g} s: {self.last_words()}")
            time.sleep(pause)

    def forget_log(self) -> None:
        """An access log of every request grows by a gigabyte in a long run, and nobody reads it."""
        os.truncate(self.log, 0)

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def family(self) -> list[int]:
        """This process and its living descendants (nginx does its work in a child)."""
        found: list[int] = []
        waiting = [self.popen.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            try:
                for thread in os.listdir(f"/proc/{pid}/task"):
                    waiting += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
            except OSError:
                continue
        return found

    def cpu_seconds(self) -> float:
        """User and system time so far, to the nanosecond, ended threads included."""
        return sum(_process_clock(pid) for pid in self.family())

    def memory(self) -> Memory:
        anonymous = resident = 0
        for pid in self.family():
            status = Path(f"/proc/{pid}/status").read_text()
            anonymous += int(re.search(r"RssAnon:\s*(\d+)", status)[1])
            resident += int(re.search(r"VmRSS:\s*(\d+)", status)[1])
        return Memory(anonymous * 1024 / 1e6, resident * 1024 / 1e6)


def _process_clock(pid: int) -> float:
    # clock_getcpuclockid(3) as the C library computes it. /proc/PID/stat would round to ticks of 10 ms, and
    # /proc/PID/task/*/schedstat forgets threads that have ended.
    try:
        return time.clock_gettime(((~pid) << 3) | 2)
    except OSError:
        return 0


def _handle(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None
