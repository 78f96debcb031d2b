"""Bounds, and whether a figure keeps them."""
import statistics
from dataclasses import dataclass
from enum import Enum
from typing import Sequence


class Verdict(Enum):
    PASS = "PASS"
    FAIL = "FAIL"
    FOR_INFORMATION = "—"


@dataclass(frozen=True)
class Bound:
    limit: float
    at_most: bool  # otherwise: at least

    def holds(self, value: float) -> bool:
        return value <= self.limit if self.at_most else value >= self.limit

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit:g}"


def at_most(limit: float) -> Bound:
    return Bound(limit, True)


def at_least(limit: float) -> Bound:
    return Bound(limit, False)


@dataclass(frozen=True)
class Figure:
    """One statement of the report: measured several times, judged by its median, shown with its whole spread."""

    what: str
    values: Sequence[float]
    bound: Bound | None = None
    unit: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def verdict(self) -> Verdict:
        if self.bound is None:
            return Verdict.FOR_INFORMATION
        return Verdict.PASS if self.bound.holds(self.median) else Verdict.FAIL

    @property
    def shown(self) -> str:
        number = f"{self.median:.3g}" if self.median < 1000 else f"{self.median:,.0f}"
        return f"{number} {self.unit}".strip()

    @property
    def spread(self) -> str:
        if len(self.values) == 1:
            return "once"
        return f"{min(self.values):.3g} – {max(self.values):.3g}"
