"""What was found, as Markdown for people (docs/benchmarks.md takes it over) and as JSON for programs."""
import json
import re
from pathlib import Path
from typing import Sequence

from .contest import Turn
from .judge import Figure, Verdict
from .process import Failure
from .suites import Outcome


def markdown(outcomes: Sequence[Outcome], facts: dict[str, str], command: str) -> str:
    parts = [f"Reproduce with `{command}`.", _table(["", ""], [[name, value] for name, value in facts.items()])]
    for outcome in outcomes:
        parts.append(f"### {outcome.title}")
        if outcome.contest:
            parts.append(_contestants(outcome))
            parts.append(_honesty(outcome))
        if outcome.figures:
            parts.append(_figures(outcome.figures))
    return "\n\n".join(parts) + "\n"


def as_json(outcomes: Sequence[Outcome], facts: dict[str, str], command: str) -> str:
    return json.dumps(
        {
            "command": command,
            "facts": facts,
            "suites": [
                {
                    "title": outcome.title,
                    "figures": [
                        {
                            "what": figure.what, "unit": figure.unit, "median": figure.median,
                            "values": list(figure.values), "bound": str(figure.bound) if figure.bound else None,
                            "verdict": figure.verdict.name,
                        }
                        for figure in outcome.figures
                    ],
                    "rounds": [
                        {name: _turn(turn) for name, turn in played.items()}
                        for played in (outcome.contest.rounds if outcome.contest else [])
                    ],
                    "anonymous_memory_mb": outcome.memory,
                }
                for outcome in outcomes
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def insert(text: str, document: Path) -> None:
    """Replaces what stands between the two marks of the document."""
    marked = r"(.*<!-- results:[^\n]*-->\n).*(<!-- end of results -->\n.*)"
    found = re.fullmatch(marked, document.read_text(), re.DOTALL)
    if not found:
        raise Failure(f"{document} has no place marked for results")
    document.write_text(f"{found[1]}{text}{found[2]}")


def failures(outcomes: Sequence[Outcome]) -> list[Figure]:
    return [figure for outcome in outcomes for figure in outcome.figures if figure.verdict is Verdict.FAIL]


def _turn(turn: Turn) -> dict:
    return {**vars(turn), "cpu_us": turn.cpu_us, "rate": turn.rate}


def _contestants(outcome: Outcome) -> str:
    rows = []
    for name in outcome.names:
        def median(what: str, form: str) -> str:
            value = outcome.contest.median(name, what)
            return "" if value is None else format(value, form)

        memory = outcome.memory.get(name)
        rows.append([
            name, median("cpu_us", ".2f"), median("rate", ",.0f"), median("p50_us", ",.0f"), median("p99_us", ",.0f"),
            "" if memory is None else f"{memory:.1f}",
        ])
    return _table(["medians", "CPU µs each", "per second", "p50 µs", "p99 µs", "RssAnon MB"], rows)


def _honesty(outcome: Outcome) -> str:
    contest = outcome.contest
    text = f"Rounds in turn: {len(contest.rounds)}"
    if contest.discarded:
        text += f"; discarded because other work took over a tenth of a core: {contest.discarded}"
    if contest.disturbed:
        text += f"; kept although so disturbed: {contest.disturbed}"
    return text + "."


def _figures(figures: Sequence[Figure]) -> str:
    rows = [
        [f.what, f.shown, f.spread, "" if f.bound is None else str(f.bound), f.verdict.value] for f in figures
    ]
    return _table(["", "median", "min – max", "bound", ""], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [head, ["-" * max(3, width) for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(max(3, width)) for cell, width in zip(line, widths)) + " |" for line in lines
    )
