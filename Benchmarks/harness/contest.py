"""Contestants measured in turn, so that whatever drifts (clock, neighbours, disk) drifts for all of them alike."""
import statistics
import sys
from dataclasses import dataclass, field
from typing import Protocol, Sequence

from .machine import DISTURBANCE_LIMIT, Patience


@dataclass(frozen=True)
class Turn:
    """One contestant, measured once."""

    operations: int  # requests answered, or rows stored
    seconds: float
    disturbance: float  # the largest share that others took of either core
    cpu_seconds: float  # the server's
    p50_us: float | None = None
    p99_us: float | None = None

    @property
    def cpu_us(self) -> float:
        """Microseconds of the server's CPU for one operation."""
        return self.cpu_seconds / self.operations * 1e6

    @property
    def rate(self) -> float:
        """Operations per second of wall-clock time."""
        return self.operations / self.seconds


class Contestant(Protocol):
    name: str

    def play(self, seconds: int) -> Turn: ...


Round = dict[str, Turn]


def disturbance(played: Round) -> float:
    return max(turn.disturbance for turn in played.values())


@dataclass
class Contest:
    """`rounds` undisturbed rounds, or, when `extra` more did not bring them, filled up with the least disturbed."""

    rounds: list[Round] = field(default_factory=list)
    discarded: int = 0
    disturbed: int = 0  # of the rounds kept

    def values(self, name: str, what: str) -> list[float]:
        found = (getattr(played[name], what) for played in self.rounds)
        return [value for value in found if value is not None]

    def median(self, name: str, what: str) -> float | None:
        values = self.values(name, what)
        return statistics.median(values) if values else None

    def ratios(self, what: str, of: str, to: str) -> list[float]:
        """Paired: each round's own ratio, so that a slow minute slows both sides of it."""
        return [getattr(played[of], what) / getattr(played[to], what) for played in self.rounds]

    @classmethod
    def hold(
        cls, contestants: Sequence[Contestant], rounds: int, seconds: int, patience: Patience, extra: int
    ) -> "Contest":
        clean: list[Round] = []
        noisy: list[Round] = []
        while len(clean) < rounds and len(clean) + len(noisy) < rounds + extra:
            number = len(clean) + len(noisy)
            shift = number % len(contestants)
            played: Round = {}
            for contestant in [*contestants[shift:], *contestants[:shift]]:
                patience.wait_for_quiet()
                played[contestant.name] = contestant.play(seconds)
            (clean if disturbance(played) <= DISTURBANCE_LIMIT else noisy).append(played)
            _show_progress(number, played, contestants)
        noisy.sort(key=disturbance)
        fill = noisy[: max(0, rounds - len(clean))]
        return cls(clean + fill, discarded=len(noisy) - len(fill), disturbed=len(fill))


def _show_progress(number: int, played: Round, contestants: Sequence[Contestant]) -> None:
    turns = "  ".join(f"{c.name} {played[c.name].rate:,.0f}/s {played[c.name].cpu_us:.2f} µs" for c in contestants)
    others = disturbance(played)
    note = f"  (disturbed: others took {others:.0%} of a core)" if others > DISTURBANCE_LIMIT else ""
    print(f"  round {number + 1}: {turns}{note}", file=sys.stderr, flush=True)
