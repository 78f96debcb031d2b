"""The command: options, versions, suites in order, and the exit code."""
import argparse
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from . import report, soak
from .machine import CLIENT_CPU, SERVER_CPU, Patience, busy_seconds, description, file_system
from .process import Failure
from .servers import BENCHMARKS, OUT, ROOT
from .suites import SUITES, WITH_PEERS, Settings

DOCUMENT = ROOT / "docs" / "benchmarks.md"


def main() -> int:
    options = _options()
    # Ending the harness must end what it started: SIGTERM unwinds the stack as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return _run(options)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted; everything it started has ended", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace) -> int:
    busy_seconds(SERVER_CPU), busy_seconds(CLIENT_CPU)  # fails at once on a machine with one core
    if not options.no_build:
        setup = subprocess.run([BENCHMARKS / "setup", *(["--peers-only"] if options.peers_only else [])])
        if setup.returncode != 0:
            return setup.returncode
    settings = Settings(
        rounds=options.rounds, seconds=options.seconds, extra=options.extra, patience=Patience(options.patience),
        peers_only=options.peers_only, against=options.against,
    )
    outcomes = []
    for name in options.suites:
        print(f"{name}: {(SUITES[name].__doc__ or '').splitlines()[0]}", file=sys.stderr, flush=True)
        outcomes.append(SUITES[name](settings))
    if options.soak:
        outcomes.append(soak.run(options.soak))
    facts = {**description(), **_versions(), "stores on": file_system(str(OUT))}
    command = shlex.join(["Benchmarks/run", *sys.argv[1:]])
    text = report.markdown(outcomes, facts, command)
    (OUT / "report.md").write_text(text)
    (OUT / "report.json").write_text(report.as_json(outcomes, facts, command))
    print(text)
    print(f"Written to {OUT / 'report.md'} and report.json beside it.")
    if options.document:
        report.insert(text, DOCUMENT)
        print(f"Written into {DOCUMENT}.")
    failed = report.failures(outcomes)
    for figure in failed:
        print(f"FAIL: {figure.what} is {figure.shown}, must be {figure.bound}")
    # One second of one round proves that the harness works, not that a bound holds.
    return 1 if failed and not options.quick else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="Benchmarks/run", description="Measures Martlet beside its peers and judges the figures.",
        epilog="The exit code is 1 when a bound does not hold.",
    )
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"{', '.join(SUITES)} (default: all)")
    parser.add_argument("--rounds", type=_positive, default=9, help="rounds in turn, of which medians are taken (9)")
    parser.add_argument("--seconds", type=_positive, default=3, help="of load in each turn (3)")
    parser.add_argument("--extra", type=int, default=9, help="rounds at most to repeat because others disturbed (9)")
    parser.add_argument(
        "--patience", type=float, default=300, help="seconds at most to wait for quiet cores, in all (300)")
    parser.add_argument("--quick", action="store_true", help="one round of one second, no waiting, no judgement")
    parser.add_argument(
        "--soak", type=float, metavar="MINUTES", default=0, help="then half load for so long (see Benchmarks/soak)")
    parser.add_argument("--peers-only", action="store_true", help="leave Martlet out")
    parser.add_argument("--document", action="store_true", help="also put the tables into docs/benchmarks.md")
    parser.add_argument("--no-build", action="store_true", help="measure what is built already")
    parser.add_argument(
        "--against", action="append", default=[], type=_named_command, metavar="NAME=COMMAND",
        help="a further server for http and json; {address} and {port} in COMMAND are filled in",
    )
    options = parser.parse_args()
    unknown = [name for name in options.suites if name not in SUITES]
    if unknown:
        parser.error(f"no suite is named {unknown[0]}; there are {', '.join(SUITES)}")
    if options.peers_only:
        options.suites = [name for name in options.suites or SUITES if name in WITH_PEERS]
    options.suites = options.suites or ([] if options.soak else list(SUITES))
    if options.quick:
        options.rounds, options.seconds, options.extra, options.patience = 1, 1, 0, 0
    return options


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _named_command(text: str) -> tuple[str, str]:
    name, separator, command = text.partition("=")
    if not re.fullmatch(r"[\w.-]+", name) or not separator or not command:
        raise argparse.ArgumentTypeError("must be NAME=COMMAND")
    return name, command


def _versions() -> dict[str, str]:
    def said(*command: str) -> str:
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        except OSError:
            return "not found"
        return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "unknown"

    def kept(name: str) -> str:
        path = OUT / name
        return path.read_text().strip() if path.exists() else "unknown"

    nginx = "/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else "nginx"
    return {
        "Swift": kept("swift.version"),
        "Go": kept("go.version").removeprefix("go version "),
        "nginx": said(nginx, "-v").removeprefix("nginx version: "),
        "wrk": said("wrk", "-v").split("Copyright")[0].strip(),
        "SQLite": said(str(OUT / "sqlite-loop"), "--version"),
        "Martlet": said("git", "-C", str(BENCHMARKS), "describe", "--always", "--dirty"),
    }
