"""A service's executable, started as an operator would start it: on a free port, with a folder of its own."""

import contextlib
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = pathlib.Path(os.environ.get("MARTLET_BUILD", ROOT / ".build" / "debug"))
LISTENING = "0A"  # the state in /proc/net/tcp


class Service:
    """A running executable. What it prints is kept in `log`."""

    def __init__(self, process, log):
        self.process, self.log = process, log

    def ports(self):
        """The loopback ports it listens on; it chose them itself."""
        sockets = set()
        with contextlib.suppress(FileNotFoundError):
            for descriptor in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
                with contextlib.suppress(FileNotFoundError):
                    sockets.add(os.readlink(descriptor))
        rows = [row.split() for row in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return [int(row[1].split(":")[1], 16) for row in rows if row[3] == LISTENING and f"socket:[{row[9]}]" in sockets]

    @property
    def url(self):
        (port,) = self.ports()
        return f"http://127.0.0.1:{port}"

    def wait_until_listening(self, seconds=20):
        deadline = time.monotonic() + seconds
        while not self.ports():
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.log.read_text()}"
            assert time.monotonic() < deadline, f"does not listen: {self.log.read_text()}"
            time.sleep(0.01)

    def stop(self, seconds=30):
        """Asks it to end, and says with which code it did."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(seconds)


@contextlib.contextmanager
def running(product, folder, *flags, **environment):
    """Runs a product of the build with its HTTP interface on a free port and its data under `folder`."""
    log = pathlib.Path(folder) / f"{product}.log"
    arguments = [BUILT / product, "--port", "0", "--data-dir", pathlib.Path(folder) / "data", *flags]
    with open(log, "wb") as output:
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                   env={**os.environ, **environment})
    service = Service(process, log)
    try:
        service.wait_until_listening()
        yield service
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            service.stop(5)
        if process.poll() is None:
            process.kill()
            process.wait()
