"""The system as a person runs it: `martlet up`, in a folder of its own and on free loopback ports."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = pathlib.Path(os.environ.get("MARTLET_BUILD", ROOT / ".build" / "debug"))
# The services and the settings that place them (docs/configuration.md).
PORTS = {
    "front-end": "FRONT_END_PORT", "broker": "BROKER_PORT", "authentication": "AUTHENTICATION_PORT",
    "logger": "LOGGER_PORT", "mail": "MAILER_PORT",
}
# Ports of other protocols than HTTP.
OTHER_PORTS = {"smtp": "MAILER_SMTP_PORT"}
SETTINGS = {**PORTS, **OTHER_PORTS}

# Straight to loopback, whatever proxy the environment names.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url, timeout=10):
    """Status, headers and text, whatever the status."""
    try:
        with _opener.open(url, timeout=timeout) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def free_ports(count):
    """Ports that were free a moment ago: all held at once, so that no two are the same."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


class System:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ports = dict(zip(SETTINGS, free_ports(len(SETTINGS))))
        self.process = None

    def url(self, service, path=""):
        return f"http://localhost:{self.ports[service]}{path}"

    def __enter__(self):
        environment = dict(os.environ, **{setting: str(self.ports[name]) for name, setting in SETTINGS.items()})
        self.log = open(self.folder / "martlet.log", "wb")
        self.process = subprocess.Popen(
            [BUILT / "martlet", "up"], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=subprocess.STDOUT)
        try:
            self._wait_until_ready(30)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait_until_ready(self, seconds):
        end = time.monotonic() + seconds
        for name in PORTS:
            while not self._is_ready(name):
                if self.process.poll() is not None or time.monotonic() > end:
                    raise AssertionError(f"{name} is not ready:\n{(self.folder / 'martlet.log').read_text()}")
                time.sleep(0.02)

    def _is_ready(self, name):
        try:
            return get(self.url(name, "/readyz"), timeout=2)[0] == 200
        except OSError:
            return False

    def __exit__(self, *_):
        """Stops it as a person would; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return_code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return_code = self.process.wait()
        self.log.close()
        self.exit_code = return_code
