"""The whole system as `martlet up` runs it: every service in one process, on its own port, with its own store."""
import http.client
import shutil
import socket
import time
from pathlib import Path

from .machine import SERVER_CPU
from .process import Failure, Process
from .servers import OUT, RELEASE, answers

# The services and the ports they listen on unless told otherwise (docs/configuration.md).
PORTS = {"front-end": 8001, "broker": 8080, "authentication": 8081, "logger": 8082, "mail": 8083}
SERVICES = [f"martlet-{name}" for name in PORTS]
BROKER = f"127.0.0.1:{PORTS['broker']}"


class System:
    """`martlet up` in a folder of its own, ready once it is entered. `keep` starts it on the stores already there."""

    def __init__(self, folder: Path, keep: bool = False):
        self.folder = folder
        self.keep = keep

    def __enter__(self) -> "System":
        for name, port in PORTS.items():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    raise Failure(f"port {port} of {name} is taken: stop what runs there (`make down`)") from None
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        log = OUT / f"{self.folder.name}.log"
        started = time.monotonic()
        self.process = Process([RELEASE / "martlet", "up"], log, cpu=SERVER_CPU, folder=self.folder)
        try:
            self.process.wait_until_ready(_every_service_is_ready, pause=0.002)
        except BaseException:
            self.process.stop()
            raise
        self.ready_seconds = time.monotonic() - started
        return self

    def __exit__(self, *_) -> None:
        self.process.stop()

    def let_settle(self, seconds: float = 10) -> None:
        """One request through every service, so that what is made on first use is made, then idleness."""
        connection = http.client.HTTPConnection(BROKER, timeout=10)
        for body in (
            '{"action":"log","log":{"name":"event","data":"some log data from the broker"}}',
            '{"action":"mail","mail":{"from":"me@example.com","to":"you@there.com","subject":"s","message":"m"}}',
            '{"action":"auth","auth":{"email":"admin@example.com","password":"verysecret"}}',
        ):
            connection.request("POST", "/handle", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
            if response.status != 202:
                raise Failure(f"the broker answers {body} with {response.status} {answer[:200]!r}")
        connection.close()
        time.sleep(seconds)


def _every_service_is_ready() -> bool:
    return all(answers(f"127.0.0.1:{port}", "/readyz") == 200 for port in PORTS.values())
