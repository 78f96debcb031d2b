"""The servers that compete: how each starts, what it must answer, and one turn of it under load."""
import http.client
import json
import shutil
import socket
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from .contest import Turn
from .load import HELLO, LOG_INFO, SEND, Measured, Request, drive, drive_netrpc, drive_smtp
from .machine import SERVER_CPU, Watch
from .process import Failure, Memory, Process

BENCHMARKS = Path(__file__).resolve().parent.parent
ROOT = BENCHMARKS.parent
OUT = ROOT / ".build" / "bench"
RELEASE = ROOT / ".build" / "release"

Command = tuple[list[str | Path], dict[str, str]]


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def answers(address: str, path: str) -> int | None:
    """The status of GET `path`, or None when nobody answers (yet)."""
    connection = http.client.HTTPConnection(address, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


@dataclass
class Server:
    """A server and the one request it is measured with."""

    name: str
    request: Request
    command: Callable[[str, Path], Command]  # from an address and a scratch folder
    reads_json: bool = True
    store: str | None = None  # the SQLite file in the scratch folder that must hold a row for every answer
    table: str = "logs"  # in which it holds it
    load: Callable[[str, Request, int], Measured] = drive
    address: str = ""
    process: Process | None = None
    memory: Memory | None = None

    def __enter__(self) -> "Server":
        folder = OUT / "scratch" / self.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.address = free_address()
        arguments, environment = self.command(self.address, folder)
        self.process = Process(arguments, OUT / f"{self.name}.log", cpu=SERVER_CPU, environment=environment)
        try:
            self.process.wait_until_ready(self.is_ready)
            self.check()
            self.load(self.address, self.request, 1)
        except BaseException:
            self.process.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_ready(self) -> bool:
        return answers(self.address, HELLO.path) is not None

    def check(self) -> None:
        """A wrong answer is fast to give: nothing is measured before the right one was seen."""
        request = self.request
        status, body = self.exchange(request.body)
        same = json.loads(body) == json.loads(request.answer) if request.body else body == request.answer
        if status != request.status or not same:
            raise Failure(f"{self.name} answers {request.name} with {status} {body[:100]!r}")
        if request.body and self.reads_json:
            status, body = self.exchange('{"name":"event","data":')
            if status != 400:
                raise Failure(f"{self.name} takes JSON that ends early: {status} {body[:100]!r}")

    def exchange(self, body: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.address, timeout=5)
        try:
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request(self.request.method, self.request.path, body or None, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def play(self, seconds: int) -> Turn:
        rows = self.stored_rows()
        watch = Watch()
        cpu = self.process.cpu_seconds()
        measured = self.load(self.address, self.request, seconds)
        cpu = self.process.cpu_seconds() - cpu
        others = watch.others(server_seconds=cpu, client_seconds=measured.client_cpu_seconds)
        self.memory = self.process.memory()
        self.process.forget_log()
        if self.store and (stored := self.stored_rows() - rows) < measured.requests:
            raise Failure(f"{self.name} answered {measured.requests} requests and stored {stored}")
        return Turn(measured.requests, measured.seconds, others, cpu, measured.p50_us, measured.p99_us)

    def stored_rows(self) -> int:
        return 0 if self.store is None else self.query_store(f"SELECT count(*) FROM {self.table}")[0][0]

    def store_schema(self) -> list[str]:
        """What made the table of log entries and its indexes."""
        made = (
            "SELECT sql FROM sqlite_master WHERE tbl_name = 'logs' AND type IN ('table', 'index') AND sql IS NOT NULL "
            "ORDER BY type = 'table' DESC")
        return [row[0] for row in self.query_store(made)]

    def query_store(self, sql: str) -> list[tuple]:
        with closing(sqlite3.connect(f"file:{self.folder / self.store}?mode=ro", uri=True)) as database:
            return database.execute(sql).fetchall()


class NetRPCServer(Server):
    """A server of the course's `RPCServer.LogInfo`. The load is Go's own client, and looks at every reply."""

    def is_ready(self) -> bool:
        host, _, port = self.address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=2).close()
        except OSError:
            return False
        return True

    def check(self) -> None:
        drive_netrpc(self.address, self.request, 1)


def go_netrpc() -> Server:
    return NetRPCServer(
        "go", LOG_INFO,
        lambda address, _folder: ([OUT / "go-netrpc"], {"ADDRESS": address, "GOMAXPROCS": "1"}), load=drive_netrpc,
    )


def martlet_netrpc(stack: str) -> Server:
    """Martlet's net/rpc server with no middleware (`bare`) or with the `default` stack."""

    def command(address: str, _folder: Path) -> Command:
        http = free_address()
        arguments = ["--address", http, "--stack", stack, "--store", "none", "--net-rpc", address]
        return [RELEASE / "martlet-bench-server", *arguments], {}

    return NetRPCServer(f"martlet-{stack}", LOG_INFO, command, load=drive_netrpc)


def go(request: Request) -> Server:
    return Server(
        "go", request,
        lambda address, _folder: ([OUT / "go-http"], {"ADDRESS": address, "GOMAXPROCS": "1"}),
    )


def nginx(request: Request) -> Server:
    def command(address: str, folder: Path) -> Command:
        text = (BENCHMARKS / "peers" / "nginx" / "nginx.conf").read_text()
        configuration = folder / "nginx.conf"
        configuration.write_text(text.replace("@FOLDER@", str(folder)).replace("@ADDRESS@", address))
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin") or "nginx"
        return [program, "-e", "stderr", "-p", str(folder), "-c", str(configuration)], {}

    return Server("nginx", request, command, reads_json=False)


def martlet(request: Request, stack: str, store: bool = False) -> Server:
    """Martlet's HTTP server with no middleware (`bare`) or with the `default` stack."""
    database = "logs.sqlite"

    def command(address: str, folder: Path) -> Command:
        kept = str(folder / database) if store else "none"
        return [RELEASE / "martlet-bench-server", "--address", address, "--stack", stack, "--store", kept], {}

    return Server(f"martlet-{stack}", request, command, store=database if store else None)


def mail(by_smtp: bool = False) -> Server:
    """The mail service as it is deployed, asked for mail by HTTP, or sent it by SMTP; the mailbox keeps it."""
    (_host, _, smtp) = free_address().rpartition(":")

    def command(address: str, folder: Path) -> Command:
        port = address.rpartition(":")[2]
        arguments = ["--port", port, "--smtp-port", smtp, "--data-dir", folder]
        return [RELEASE / "martlet-mail", *arguments], {}

    def load(address: str, request: Request, seconds: int) -> Measured:
        return drive_smtp(f"127.0.0.1:{smtp}", seconds) if by_smtp else drive(address, request, seconds)

    name = "martlet-mail-smtp" if by_smtp else "martlet-mail-http"
    return Server(name, SEND, command, store="mail/mails.db", table="mails", load=load)


def further(name: str, command_line: str, request: Request) -> Server:
    """A server of the reader's own, measured beside the others: `{address}` and `{port}` are filled in."""

    def command(address: str, _folder: Path) -> Command:
        port = address.rpartition(":")[2]
        filled = command_line.replace("{address}", address).replace("{port}", port)
        return ["sh", "-c", "exec " + filled], {}

    return Server(name, request, command)
