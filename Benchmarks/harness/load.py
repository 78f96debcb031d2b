"""The load, on the client's core: wrk with one thread and 64 connections, or what speaks the other protocols; and what
it measured."""
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .machine import CLIENT_CPU
from .process import Failure

CONNECTIONS = 64
LOAD = Path(__file__).resolve().parent.parent / "load"
SCRIPT = LOAD / "load.lua"
SMTP_SCRIPT = LOAD / "smtp.py"
NETRPC_LOAD = LOAD.parent.parent / ".build" / "bench" / "netrpc-load"
NETRPC_CONNECTIONS = 8
NETRPC_IN_FLIGHT = 32


@dataclass(frozen=True)
class Request:
    """What is sent, and what must come back before anything is measured."""

    method: str
    path: str
    body: str
    status: int
    answer: bytes

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


HELLO = Request("GET", "/hello", "", 200, b"hello world\n")
LOG = Request(
    "POST", "/log", '{"name":"event","data":"some log data from the broker"}', 202,
    b'{"error":false,"message":"logged!"}',
)
SEND = Request(
    "POST", "/send",
    '{"from":"me@example.com","to":"you@there.com","subject":"Test email","message":"Hello world!"}', 202,
    b'{"error":false,"message":"Sent to you@there.com"}',
)
# Its payload and its reply are the load program's.
LOG_INFO = Request("CALL", "RPCServer.LogInfo", "", 200, b"")


@dataclass(frozen=True)
class Measured:
    requests: int
    seconds: float
    p50_us: int
    p99_us: int
    client_cpu_seconds: float


def drive(address: str, request: Request, seconds: int, pause_ms: float = 0) -> Measured:
    """Sends `request` over 64 connections for so many seconds. An error answer or a broken connection is a Failure."""
    command = [
        "taskset", "-c", str(CLIENT_CPU), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(SCRIPT),
        f"http://{address}{request.path}", "--", request.method, request.body, f"{pause_ms:.4f}",
    ]
    figures, cpu = _run(command)
    if figures["errors"] or not figures["requests"]:
        raise Failure(f"{request.name} at {address}: {figures['errors']} errors in {figures['requests']} requests")
    return Measured(figures["requests"], figures["seconds"], figures["p50_us"], figures["p99_us"], cpu)


def drive_smtp(address: str, seconds: int) -> Measured:
    """Sends messages over 64 connections for so many seconds. A refused message is a Failure."""
    command = ["taskset", "-c", str(CLIENT_CPU), sys.executable, str(SMTP_SCRIPT), address, str(CONNECTIONS), str(seconds)]
    figures, cpu = _run(command)
    return Measured(figures["requests"], figures["seconds"], figures["p50_us"], figures["p99_us"], cpu)


def drive_netrpc(address: str, request: Request, seconds: int) -> Measured:
    """Calls over 8 connections with 32 calls in flight on each. A wrong reply is a Failure."""
    command = [
        "taskset", "-c", str(CLIENT_CPU), str(NETRPC_LOAD), address, str(NETRPC_CONNECTIONS), str(NETRPC_IN_FLIGHT),
        str(seconds),
    ]
    figures, cpu = _run(command)
    if figures["errors"] or not figures["requests"]:
        raise Failure(f"{request.name} at {address}: {figures['errors']} wrong replies of {figures['requests']}")
    return Measured(figures["requests"], figures["seconds"], figures["p50_us"], figures["p99_us"], cpu)


def _run(command: list[str]) -> tuple[dict, float]:
    """The JSON of the last line that a load prints, and the seconds of CPU that it took itself."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as load:
        try:
            output = load.stdout.read()
        except BaseException:
            load.kill()
            raise
        # wait4 because it gives this child's own CPU time.
        _pid, status, usage = os.wait4(load.pid, 0)
        load.returncode = os.waitstatus_to_exitcode(status)
    last = output.strip().splitlines()[-1:]
    if load.returncode != 0 or not last or not last[0].startswith("{"):
        raise Failure(f"{' '.join(command)} failed: {output.strip()[-300:]}")
    return json.loads(last[0]), usage.ru_utime + usage.ru_stime
