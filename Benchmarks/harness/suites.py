"""The suites: what is measured, against whom, and the bounds Martlet promises (docs/benchmarks.md)."""
import json
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Sequence

from .contest import Contest, Contestant, Turn
from .judge import Bound, Figure, at_least, at_most
from .load import CONNECTIONS, HELLO, LOG, NETRPC_CONNECTIONS, NETRPC_IN_FLIGHT
from .machine import SERVER_CPU, Patience, Watch
from .process import Failure, Process
from .servers import (
    OUT, RELEASE, Server, further, go, go_netrpc, mail, martlet, martlet_netrpc, nginx,
)
from .system import SERVICES, System


@dataclass
class Settings:
    rounds: int
    seconds: int
    extra: int
    patience: Patience
    peers_only: bool
    against: Sequence[tuple[str, str]]


@dataclass
class Outcome:
    """What a suite found: a table of the contestants (if it was a contest) and the figures it is judged by."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    contest: Contest | None = None
    names: list[str] = field(default_factory=list)
    memory: dict[str, float] = field(default_factory=dict)  # RssAnon in MB, under load


def http(settings: Settings) -> Outcome:
    """GET /hello: what the server and the router cost."""
    servers = [nginx(HELLO), go(HELLO), *_martlets(HELLO, settings), *_further(HELLO, settings)]
    outcome = _contest("GET /hello", servers, settings)
    _compare(outcome, "cpu_us", "martlet-bare", "nginx", at_most(1.2))
    _compare(outcome, "cpu_us", "martlet-bare", "go", at_most(0.65))
    _compare(outcome, "cpu_us", "martlet-default", "go", at_most(0.8))
    _compare_further(outcome, settings)
    return outcome


def json_(settings: Settings) -> Outcome:
    """POST /log: JSON in, JSON out, nothing stored."""
    servers = [nginx(LOG), go(LOG), *_martlets(LOG, settings), *_further(LOG, settings)]
    outcome = _contest("POST /log, JSON both ways, nothing stored (nginx reads no JSON)", servers, settings)
    _compare(outcome, "cpu_us", "martlet-bare", "go", at_most(0.65))
    _compare(outcome, "cpu_us", "martlet-default", "go", None)
    _compare_further(outcome, settings)
    return outcome


def netrpc(settings: Settings) -> Outcome:
    """RPCServer.LogInfo over net/rpc, called by Go's own client."""
    martlets = [] if settings.peers_only else [martlet_netrpc("bare"), martlet_netrpc("default")]
    title = f"net/rpc LogInfo, {NETRPC_CONNECTIONS} connections with {NETRPC_IN_FLIGHT} calls in flight on each"
    outcome = _contest(title, [go_netrpc(), *martlets], settings)
    _compare(outcome, "cpu_us", "martlet-bare", "go", at_most(0.5))
    _compare(outcome, "cpu_us", "martlet-default", "go", None)
    return outcome


def store(settings: Settings) -> Outcome:
    """POST /log with SQLite, each answer after its fsync, against SQLite alone."""
    servers = [] if settings.peers_only else [martlet(LOG, "bare", store=True), martlet(LOG, "default", store=True)]
    title = f"POST /log into SQLite, answered after its fsync; the loop commits {CONNECTIONS} rows at a time"
    outcome = _contest(title, servers, settings, SQLiteLoop(servers[0] if servers else None))
    _compare(outcome, "rate", "martlet-bare", SQLiteLoop.name, at_least(0.4))
    _compare(outcome, "rate", "martlet-default", SQLiteLoop.name, None)
    return outcome


def mail_(settings: Settings) -> Outcome:
    """The mailbox: mail asked for by HTTP, and sent by SMTP, each answered after its fsync."""
    servers = [mail(), mail(by_smtp=True)]
    outcome = _contest("The mailbox takes mail: POST /send, and SMTP; each answered after its fsync", servers, settings)
    for server in servers:
        rates = outcome.contest.values(server.name, "rate")
        outcome.figures.append(Figure(f"mails per second, {server.name}", rates, at_least(1000), "/s"))
    return outcome


def bus(settings: Settings) -> Outcome:
    """Messages published, consumed and acknowledged, all of it durable, against SQLite alone; latency; a million."""
    floor = SQLiteLoop(None)
    contestants = [] if settings.peers_only else [Bus("bus-embedded", is_remote=False), Bus("bus-socket", is_remote=True)]
    with ExitStack() as started:
        for contestant in [floor, *contestants]:
            started.enter_context(contestant)
        contest = Contest.hold(
            [floor, *contestants], settings.rounds, settings.seconds, settings.patience, settings.extra)
        outcome = Outcome(
            f"Bus: publish, consume, acknowledge, {CONNECTIONS} publishers; the loop commits {CONNECTIONS} rows at a time",
            contest=contest, names=[floor.name, *[bus.name for bus in contestants]])
        _compare(outcome, "rate", "bus-embedded", floor.name, at_least(0.3))
        _compare(outcome, "rate", "bus-socket", floor.name, None)
        for contestant in contestants:
            times = [contestant.latency() for _ in range(min(3, settings.rounds))]
            outcome.figures.append(Figure(f"{contestant.name}, a lone event: median", times, at_most(5), "ms"))
    if contestants:
        waiting = Bus.with_waiting(1_000_000 if settings.rounds > 1 else 10_000, settings.seconds)
        outcome.figures += [
            Figure("rate beside a million waiting, to the rate without", [waiting["beside"] / waiting["empty"]],
                   at_least(0.8)),
            Figure("rate through the queue of a million, to the same", [waiting["through"] / waiting["empty"]],
                   at_least(0.8)),
            Figure("memory that a million take (RssAnon, to that with none waiting)", [waiting["memory_mb"]], at_most(50), "MB"),
            Figure("opening it", [waiting["opening_s"]], at_most(1), "s"),
        ]
    return outcome


def memory(_settings: Settings) -> Outcome:
    """All services in one process, idle."""
    with System(OUT / "scratch" / "memory") as system:
        system.let_settle()
        used = system.process.memory()
    return Outcome(
        "The whole system in one process, idle",
        [
            Figure("anonymous memory (RssAnon)", [used.anonymous], at_most(15), "MB"),
            Figure("resident memory (VmRSS)", [used.resident], at_most(45), "MB"),
        ],
    )


def startup(settings: Settings) -> Outcome:
    """From exec until every service says that it is ready."""
    folder = OUT / "scratch" / "startup"
    first: list[float] = []
    later: list[float] = []
    for _ in range(settings.rounds):
        for times in (first, later):
            settings.patience.wait_for_quiet()
            with System(folder, keep=times is later) as system:
                times.append(system.ready_seconds)
    return Outcome(
        "The whole system in one process, from exec until every service is ready",
        [
            Figure("on an empty folder", first, at_most(1), "s"),
            Figure("on the stores of the last run", later, at_most(1), "s"),
        ],
    )


def size(_settings: Settings) -> Outcome:
    """Each executable, stripped, Swift's standard library linked in."""
    outcome = Outcome("Stripped executables, Swift's standard library linked in")
    for product in ["martlet", *SERVICES]:
        stripped = OUT / "scratch" / f"{product}.stripped"
        stripped.parent.mkdir(parents=True, exist_ok=True)
        if not (RELEASE / product).exists():
            raise Failure(f"{RELEASE / product} is not built: run Benchmarks/setup")
        subprocess.run(["strip", "-o", stripped, RELEASE / product], check=True)
        bound = at_most(16) if product in SERVICES else None
        outcome.figures.append(Figure(product, [stripped.stat().st_size / 1e6], bound, "MB"))
        stripped.unlink()
    return outcome


SUITES: dict[str, Callable[[Settings], Outcome]] = {
    "http": http, "json": json_, "netrpc": netrpc, "store": store, "bus": bus, "mail": mail_, "memory": memory, "startup": startup,
    "size": size,
}
WITH_PEERS = ("http", "json", "netrpc", "store", "bus")


class Bus:
    """The embedded bus, with its store in the process that measures or behind a socket."""

    program = RELEASE / "BusBench"

    def __init__(self, name: str, is_remote: bool):
        self.name = name
        self.is_remote = is_remote
        self.folder = OUT / "scratch" / name
        self.owner: Process | None = None

    def __enter__(self) -> "Bus":
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        store = self.folder / "bus.db"
        self.address = f"embedded:{store}"
        if self.is_remote:
            # A socket's path is short, wherever the project is.
            self.short = tempfile.mkdtemp(prefix="bus-")
            socket = f"{self.short}/bus.sock"
            self.owner = Process([self.program, "own", store, socket], OUT / f"{self.name}.log")
            self.owner.wait_until_ready(lambda: Path(socket).exists())
            self.address = f"unix:{socket}"
        return self

    def __exit__(self, *_) -> None:
        if self.owner:
            self.owner.stop()
            shutil.rmtree(self.short, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    @classmethod
    def run(cls, *arguments: object) -> dict:
        done = subprocess.run([cls.program, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"BusBench {arguments[0]} failed: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def play(self, seconds: int) -> Turn:
        watch = Watch()
        owner = self.owner.cpu_seconds() if self.owner else 0
        result = self.run("throughput", self.address, seconds)
        cpu = result["cpu_seconds"] + ((self.owner.cpu_seconds() - owner) if self.owner else 0)
        return Turn(result["messages"], result["seconds"], watch.others_of_both(cpu), cpu)

    def latency(self) -> float:
        return self.run("latency", self.address, 100)["p50_ms"]

    @classmethod
    def with_waiting(cls, count: int, seconds: int) -> dict:
        with cls("bus-waiting", is_remote=False) as bus:
            return cls.run("waiting", bus.folder / "bus.db", count, seconds)


class SQLiteLoop:
    """SQLite alone: no network, no JSON, 64 rows to a commit, on the disk the servers store on."""

    name = "sqlite-loop"
    PLAIN_SCHEMA = (
        "CREATE TABLE logs"
        " (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data TEXT NOT NULL, created_at INTEGER NOT NULL,"
        " updated_at INTEGER NOT NULL)"
    )

    def __init__(self, like: Server | None):
        self.like = like
        self.folder = OUT / "scratch" / self.name
        self.file = self.folder / "logs.sqlite"

    def __enter__(self) -> "SQLiteLoop":
        """Makes the table the server made, with its indexes: an index more or less would decide the comparison."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        schema = self.like.store_schema() if self.like else [self.PLAIN_SCHEMA]
        with closing(sqlite3.connect(self.file)) as database:
            for statement in schema:
                database.execute(statement)
            database.commit()
        return self

    def __exit__(self, *_) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def play(self, seconds: int) -> Turn:
        watch = Watch()
        command = ["taskset", "-c", str(SERVER_CPU), OUT / "sqlite-loop", self.file, str(seconds), str(CONNECTIONS)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"the bare SQLite loop failed: {done.stderr.strip()}")
        result = json.loads(done.stdout)
        others = watch.others(server_seconds=result["cpu_seconds"])
        return Turn(result["rows"], result["seconds"], others, result["cpu_seconds"])


def _martlets(request, settings: Settings) -> list[Server]:
    return [] if settings.peers_only else [martlet(request, "bare"), martlet(request, "default")]


def _further(request, settings: Settings) -> list[Server]:
    return [further(name, command, request) for name, command in settings.against]


def _contest(
    title: str, servers: Sequence[Server], settings: Settings, floor: SQLiteLoop | None = None
) -> Outcome:
    with ExitStack() as started:
        for server in servers:
            started.enter_context(server)
        contestants: list[Contestant] = [*([started.enter_context(floor)] if floor else []), *servers]
        contest = Contest.hold(contestants, settings.rounds, settings.seconds, settings.patience, settings.extra)
        return Outcome(
            title, contest=contest, names=[contestant.name for contestant in contestants],
            memory={server.name: server.memory.anonymous for server in servers if server.memory},
        )


def _compare_further(outcome: Outcome, settings: Settings) -> None:
    for name, _command in settings.against:
        for peer in ("nginx", "go"):
            _compare(outcome, "cpu_us", name, peer, None)


def _compare(outcome: Outcome, what: str, of: str, to: str, bound: Bound | None) -> None:
    if of in outcome.names and to in outcome.names:
        quantity = {"cpu_us": "CPU per request", "rate": "rows per second"}[what]
        ratios = outcome.contest.ratios(what, of, to)
        outcome.figures.append(Figure(f"{quantity}, {of} / {to}", ratios, bound))
