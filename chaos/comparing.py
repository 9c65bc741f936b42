"""The sinks' files against the table, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from chaos.killing import Kill

_OPEN: Final = {"queued", "sending"}
# Of these it is said that they did not arrive.
_NOT_SENT: Final = {"failed", "cancelled"}


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery, as the table has it."""

    id: str
    channel: str
    state: str
    problem: str
    started_at: datetime | None


@dataclass
class Verdict:
    """What came of it. `contradictions` name rows whose state is not what the sink saw."""

    states: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    twice: int = 0
    unknown: int = 0
    unknown_arrived: int = 0
    unknown_by: Counter[str] = field(default_factory=Counter)
    contradictions: list[str] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)


def arrived(folder: Path) -> dict[str, Counter[str]]:
    """What each sink has taken: how many times each id, and each address."""
    found: dict[str, Counter[str]] = {"ids": Counter(), "addresses": Counter()}
    for name in ("smtp", "sms"):
        path = folder / f"{name}.arrived"
        for line in path.read_text().splitlines() if path.exists() else []:
            message_id, _, address = line.partition(" ")
            found["ids"][message_id] += 1
            found["addresses"][address] += 1
    return found


def compare(rows: Sequence[Row], took: dict[str, Counter[str]], kills: Sequence[Kill], *, expected: int) -> Verdict:
    """Row by row. `expected`: how many rows there must be; those that are not there are lost."""
    verdict = Verdict(lost=max(0, expected - len(rows)))
    if len(rows) > expected:
        verdict.contradictions.append(f"{len(rows)} rows, where {expected} were asked for")
    for row in rows:
        _judge(row, took["ids"][row.id], verdict, kills)
    # To one address by two rows is twice too.
    verdict.twice = max(verdict.twice, sum(count > 1 for count in took["addresses"].values()))
    strangers = took["ids"].keys() - {row.id for row in rows}
    verdict.contradictions += [f"{stranger} arrived and is in no row" for stranger in sorted(strangers)]
    return verdict


def _judge(row: Row, times: int, verdict: Verdict, kills: Iterable[Kill]) -> None:
    verdict.states[f"{row.channel} {row.state}"] += 1
    if row.problem:
        verdict.problems[f"{row.state}: {row.problem}"] += 1
    if times > 1:
        verdict.twice += 1
    if row.state == "unknown":
        verdict.unknown += 1
        verdict.unknown_arrived += times > 0
        verdict.unknown_by[_who(row, kills)] += 1
    elif not times and row.state not in _NOT_SENT:
        verdict.lost += 1
        verdict.contradictions.append(f"{row.id} is {row.state} and has not arrived")
    elif times and row.state in _NOT_SENT | _OPEN:
        verdict.contradictions.append(f"{row.id} is {row.state} ({row.problem}) and has arrived")


def _who(row: Row, kills: Iterable[Kill]) -> str:
    """Whose death left it in the air: the first, after it was begun, that fits what is written about it."""
    fits = {"worker", "sender", "postgres"} if row.problem == "interrupted" else {"smtp", "sms"}
    after = [kill for kill in kills if row.started_at and kill.at >= row.started_at and kill.kind in fits]
    if not after or (row.started_at and (after[0].at - row.started_at).total_seconds() > 10):
        return "cut connection" if "interrupted" not in row.problem else "nobody"
    return after[0].kind
