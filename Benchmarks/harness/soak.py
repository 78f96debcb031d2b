"""Half load for minutes on end: what leaks shows as resident memory that grows."""
import statistics
import sys
import time

from .judge import Figure, at_most
from .load import CONNECTIONS, Request, drive
from .servers import OUT
from .suites import Outcome
from .system import BROKER, System

# The whole way, browser's request -> broker -> service -> SQLite -> back: of ten requests, eight log over HTTP, one over
# the bus and the listener, and one sends a mail to the mailbox.
LOG = '{"action":"log","log":{"name":"event","data":"some log data from the broker"}}'
EVENT = '{"action":"log","transport":"bus","log":{"name":"event","data":"some log data from the broker"}}'
MAIL = (
    '{"action":"mail","mail":{"from":"me@example.com","to":"you@there.com","subject":"Test email",'
    '"message":"Hello world!"}}'
)
HANDLE = Request("POST", "/handle", "\n".join([*[LOG] * 4, EVENT, *[LOG] * 4, MAIL]), 202, b"")
STRETCH = 5  # seconds of load between two looks at memory and pace
WARM_MINUTES = 2  # until then caches and pools fill, as they should


def run(minutes: float) -> Outcome:
    """Loads `martlet up` at half of what it can do, and compares its memory at the end with that of minute two."""
    # A short soak (to try it) takes its baseline proportionally earlier.
    baseline_at = min(WARM_MINUTES, minutes / 5) * 60
    samples: list[tuple[float, float]] = []
    rates: list[float] = []
    with System(OUT / "scratch" / "soak") as system:
        system.let_settle(1)
        peak = _rate(drive(BROKER, HANDLE, STRETCH))
        goal = peak / 2
        pause_ms = 1000 * CONNECTIONS / goal / 2
        started = time.monotonic()
        while (elapsed := time.monotonic() - started) < minutes * 60:
            rate = _rate(drive(BROKER, HANDLE, STRETCH, pause_ms))
            rates.append(rate)
            # Each connection's period is its pause and the answer's latency; the pause is what we can turn.
            pause_ms = max(0.05, pause_ms + 1000 * CONNECTIONS * (1 / goal - 1 / rate))
            samples.append((time.monotonic() - started, system.process.memory().resident))
            system.process.forget_log()
            _show(elapsed, rate, goal, samples[-1][1])
    window = minutes * 60 / 10
    baseline = statistics.median(resident for at, resident in samples if 0 <= at - baseline_at <= window + STRETCH)
    end = statistics.median(resident for at, resident in samples if at >= samples[-1][0] - window)
    steady = rates[len(rates) // 5 :] or rates
    return Outcome(
        f"{minutes:g} minutes at half load through the whole system",
        [
            Figure(f"resident memory at the end ({end:.1f} MB) / after {baseline_at / 60:g} minutes", [end / baseline],
                   at_most(1.05)),
            Figure("load / peak", [rate / peak for rate in steady]),
            Figure("peak", [peak], unit="requests/s"),
        ],
    )


def _rate(measured) -> float:
    return measured.requests / measured.seconds


def _show(elapsed: float, rate: float, goal: float, resident: float) -> None:
    print(f"  {elapsed / 60:5.1f} min: {rate:,.0f}/s of {goal:,.0f}/s, {resident:.1f} MB", file=sys.stderr, flush=True)
