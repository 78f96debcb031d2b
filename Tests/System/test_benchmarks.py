"""The benchmark harness judges Martlet, so it is judged first: its arithmetic, and a run of one second."""
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Benchmarks"))

from harness.contest import Contest, Turn  # noqa: E402
from harness.judge import Figure, Verdict, at_least, at_most  # noqa: E402
from harness.machine import Patience  # noqa: E402
from harness.process import Failure, Process  # noqa: E402

needs_peers = pytest.mark.skipif(
    not all(shutil.which(tool, path="/usr/bin:/usr/sbin:/usr/local/bin") for tool in ("go", "nginx", "wrk", "taskset")),
    reason="needs go, nginx, wrk and taskset (scripts/bootstrap --test)",
)


class Scripted:
    """A contestant that plays what it was told to."""

    def __init__(self, name, turns, played=None):
        self.name = name
        self.turns = iter(turns)
        self.played = played if played is not None else []

    def play(self, _seconds):
        self.played.append(self.name)
        return next(self.turns)


def turn(cpu_us=10.0, disturbance=0.0):
    return Turn(operations=1_000_000, seconds=1, disturbance=disturbance, cpu_seconds=cpu_us)


def hold(contestants, rounds, extra=0):
    return Contest.hold(contestants, rounds, seconds=1, patience=Patience(0), extra=extra)


def test_ratios_are_taken_within_a_round():
    # The machine is twice as slow in the second round, for both: the ratio does not move.
    contest = hold([Scripted("a", [turn(10), turn(20)]), Scripted("b", [turn(20), turn(40)])], rounds=2)
    assert contest.ratios("cpu_us", "a", "b") == [0.5, 0.5]


def test_who_begins_changes_from_round_to_round():
    played = []
    hold([Scripted(name, [turn()] * 3, played) for name in "abc"], rounds=3)
    assert "".join(played) == "abc" "bca" "cab"


def test_a_disturbed_round_is_discarded_and_repeated():
    contest = hold([Scripted("a", [turn(99, disturbance=0.5), turn(1), turn(2)])], rounds=2, extra=5)
    assert sorted(contest.values("a", "cpu_us")) == [1, 2]
    assert (contest.discarded, contest.disturbed) == (1, 0)


def test_when_no_round_is_quiet_the_least_disturbed_are_kept_and_counted():
    noise = [turn(1, 0.9), turn(2, 0.3), turn(3, 0.2), turn(4, 0.8)]
    contest = hold([Scripted("a", noise)], rounds=2, extra=2)
    assert sorted(contest.values("a", "cpu_us")) == [2, 3]
    assert (contest.discarded, contest.disturbed) == (2, 2)


@pytest.mark.parametrize(
    "bound, values, verdict",
    [
        (at_most(1.2), [1.1, 1.2, 9], Verdict.PASS),
        (at_most(1.2), [1.1, 1.21, 9], Verdict.FAIL),
        (at_least(0.4), [0.1, 0.4, 0.5], Verdict.PASS),
        (at_least(0.4), [0.1, 0.39, 0.5], Verdict.FAIL),
        (None, [7], Verdict.FOR_INFORMATION),
    ],
)
def test_a_bound_is_held_against_the_median(bound, values, verdict):
    assert Figure("it", values, bound).verdict is verdict


def test_leaving_a_process_ends_it_and_its_children(tmp_path):
    with Process(["sh", "-c", "sleep 60 & echo up; wait"], tmp_path / "log") as process:
        process.wait_until_ready(lambda: "up" in (tmp_path / "log").read_text())
        family = process.family()
        assert len(family) == 2
    deadline = time.monotonic() + 5  # a killed orphan is somebody else's to reap
    while any(is_alive(pid) for pid in family):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_program_that_ends_instead_of_starting_is_reported_with_its_last_words(tmp_path):
    with Process(["sh", "-c", "echo no such luck; exit 3"], tmp_path / "log") as process:
        with pytest.raises(Failure, match="ended with code 3: no such luck"):
            process.wait_until_ready(lambda: False)


def test_cpu_time_counts_children_and_is_finer_than_a_tick(tmp_path):
    # The limit ends the loop if nobody is left to do it.
    busy = "ulimit -t 20; (while :; do :; done) & echo up; wait"
    with Process(["sh", "-c", busy], tmp_path / "log") as process:
        process.wait_until_ready(lambda: process.cpu_seconds() > 0.02)
        assert process.cpu_seconds() * 100 % 1 != 0


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@needs_peers
def test_a_quick_run_measures_the_peers_and_writes_its_report():
    run = [ROOT / "Benchmarks" / "run", "--quick", "--peers-only"]
    done = subprocess.run(run, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    report = json.loads((ROOT / ".build" / "bench" / "report.json").read_text())
    measured = [sorted(played) for suite in report["suites"] for played in suite["rounds"]]
    assert measured == [["go", "nginx"], ["go", "nginx"], ["go"], ["sqlite-loop"], ["sqlite-loop"]]
    assert all(t["cpu_us"] > 0 and t["rate"] > 0 for s in report["suites"] for r in s["rounds"] for t in r.values())


def test_an_unknown_suite_is_a_usage_error():
    done = subprocess.run([ROOT / "Benchmarks" / "run", "http3"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "no suite is named http3; there are http, json, netrpc, store" in done.stderr


@needs_peers
def test_an_interrupted_run_ends_what_it_started(tmp_path):
    # Nobody answers on the port of this server, so that the run waits for it when the interrupt comes.
    pid_file = tmp_path / "pid"
    server = f"mine=sh -c 'echo $$ >{pid_file}; exec sleep 60' {{port}}"
    run = subprocess.Popen(
        [ROOT / "Benchmarks" / "run", "--peers-only", "--against", server, "http"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    while not pid_file.exists() or not pid_file.read_text().strip():
        assert run.poll() is None, run.stdout.read()
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=60)
    assert run.returncode == 130, said
    assert not is_alive(int(pid_file.read_text()))
