"""What is kept about people, and how long: docs/retention.yaml, read once and obeyed by whatever erases.

`keep("log")` is a length of time. A rule's own page, and the public statement, are written from the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NoReturn

import yaml
from django.conf import settings

# A year is the longest one: what is kept for a year is never gone before the day comes again.
_DAYS_OF_A_YEAR: Final = 366
UNITS: Final = ("minutes", "hours", "days", "months", "years")
# What is no length of time: goes with the member or the user, stays, or waits for a person.
WORDS: Final = ("with_member", "with_user", "forever", "by_hand")
# From when the time runs; `made` where nothing is said.
MOMENTS: Final = (
    "made",
    "sent",
    "received",
    "left",
    "answered",
    "closed",
    "dues_year",
    "accounting_year",
    "unowned",
    "last_seen",
)
# Who carries a rule out where no code of its own does: foreign keys and triggers, a person, or nobody (it stays).
DOERS: Final = ("database", "by_hand", "nobody")
# The file is in bokmål, as those who read it are.
_UNITS_IN_WORDS: Final = {
    "minutes": ("minutt", "minutter"),
    "hours": ("time", "timer"),
    "days": ("dag", "dager"),
    "months": ("måned", "måneder"),
    "years": ("år", "år"),
}
_TIME_KEYS: Final = frozenset({*UNITS, "after", "least", "most", "setting"})
_NEEDED: Final = ("key", "name", "why", "until", "keep", "carried_out_by")
_KEYS: Final = frozenset({*_NEEDED, "fields"})
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
_PATH: Final = re.compile(r"[a-z_]\w*(\.[A-Za-z_]\w*)+\Z")

_loaded: dict[Path, Policy] = {}


class PolicyError(Exception):
    """The policy cannot be obeyed: the file, the line and the rule, and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Keep:
    """How long: an amount of a unit from a moment; or, with the unit empty, one of `WORDS` as `word`.

    Where a county chooses it itself (`setting` names the field) it may choose from `least` to `most`.
    """

    word: str = ""
    unit: str = ""
    amount: int = 0
    after: str = "made"
    least: int | None = None
    most: int | None = None
    setting: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, in words a board reads and in a form that code obeys."""

    key: str
    name: str
    why: str
    until: str
    keep: Keep
    # Dotted paths of tasks or actions, or words of `DOERS`.
    carried_out_by: tuple[str, ...]
    # The fields of each table, by its label.
    fields: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules, by key and in the file's order, and the tables that hold no persons."""

    path: Path
    rules: Mapping[str, Rule]
    without_persons: frozenset[str]

    def rule(self, key: str) -> Rule:
        """The rule of a key. Raises `PolicyError` where there is none."""
        try:
            return self.rules[key]
        except KeyError:
            raise PolicyError(f"{self.path.name}: there is no rule with the key “{key}”, and the house obeys one.")

    def time(self, key: str) -> timedelta:
        """How long a rule keeps; a year is 366 days. Raises `PolicyError` where it is no such length."""
        kept = self.rule(key).keep
        if kept.unit in ("", "months"):
            raise PolicyError(f"{self.path.name}: rule “{key}”: keep must be minutes, hours, days or years.")
        if kept.unit == "years":
            return timedelta(days=kept.amount * _DAYS_OF_A_YEAR)
        return timedelta(**{kept.unit: kept.amount})

    def amount(self, key: str, unit: str) -> int:
        """A rule's number of one unit: months or years by the calendar, or days. Raises `PolicyError` for another."""
        kept = self.rule(key).keep
        if kept.unit != unit:
            raise PolicyError(f"{self.path.name}: rule “{key}”: keep must be told in {unit}.")
        return kept.amount

    def most(self, key: str) -> int:
        """The longest that a county may choose, in the rule's own unit."""
        kept = self.rule(key).keep
        return kept.amount if kept.most is None else kept.most

    def least(self, key: str) -> int:
        """The shortest."""
        kept = self.rule(key).keep
        return kept.amount if kept.least is None else kept.least


def keep(key: str) -> timedelta:
    """How long what a rule is about is kept, as the house's own policy has it now."""
    return policy().time(key)


def policy() -> Policy:
    """The house's policy: the file that `settings.RETENTION_POLICY` names, read once."""
    return load(Path(settings.RETENTION_POLICY))


def load(path: Path) -> Policy:
    """Read and check a policy, once. Raises `PolicyError` with the line of what is wrong."""
    if path not in _loaded:
        _loaded[path] = _read(path)
    return _loaded[path]


def _read(path: Path) -> Policy:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise PolicyError(f"{path}: cannot be read ({problem.strerror}). The house keeps nothing without its policy.")
    return _Reader(path, text).read()


class _Reader:
    """One file on its way to a policy: the plain values from safe_load, the lines from the nodes."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        try:
            self.root = yaml.compose(text, Loader=yaml.SafeLoader)
            self.data = yaml.safe_load(text)
        except yaml.YAMLError as problem:
            raise PolicyError(f"{path.name}: {problem}")
        self.line, self.where = 1, ""

    def read(self) -> Policy:
        """The whole of it."""
        for line, key in _twice(self.root):
            self.line = line
            self.fail(f"“{key}” stands here for the second time in the same place.")
        if not isinstance(self.data, dict) or not isinstance(self.data.get("rules"), list):
            self.fail("the file must have a list named rules.")
        rules: dict[str, Rule] = {}
        for line, row in zip(self.lines(), self.data["rules"], strict=True):
            self.line, self.where = line, ""
            rule = self.rule(row)
            if rule.key in rules:
                self.fail("another rule has the same key.")
            rules[rule.key] = rule
        without = self.data.get("without_persons", [])
        return Policy(self.path, MappingProxyType(rules), frozenset(map(str, without)))

    def lines(self) -> list[int]:
        """Where each rule begins."""
        pairs = self.root.value if isinstance(self.root, yaml.MappingNode) else []
        found = next(value for key, value in pairs if key.value == "rules")
        return [node.start_mark.line + 1 for node in found.value]

    def rule(self, row: Any) -> Rule:
        """One rule."""
        if not isinstance(row, dict):
            self.fail("a rule must be a group of keys.")
        self.where = f"rule “{row.get('key') or row.get('name')}”: "
        for name in _NEEDED:
            if not row.get(name):
                self.fail(f"{name} is missing. See the head of the file.")
        if unknown := set(row) - _KEYS:
            self.fail(f"unknown: {', '.join(sorted(map(str, unknown)))}. Known: {', '.join(sorted(_KEYS))}.")
        if not _KEY.match(str(row["key"])):
            self.fail("key must be small letters, digits and _.")
        kept = self.keep(row["keep"])
        return Rule(
            key=row["key"],
            name=self.words(row, "name"),
            why=self.words(row, "why"),
            until=_filled(self.words(row, "until"), kept),
            keep=kept,
            carried_out_by=self.doers(row["carried_out_by"]),
            fields=self.fields(row.get("fields") or {}),
        )

    def words(self, row: dict[str, Any], name: str) -> str:
        """A sentence."""
        if not isinstance(row[name], str):
            self.fail(f"{name} must be words.")
        return str(row[name]).strip()

    def keep(self, value: Any) -> Keep:
        """One of the words, or a length of time."""
        if isinstance(value, str) and value in WORDS:
            return Keep(word=value)
        if not isinstance(value, dict):
            self.fail(f"keep must be one of {', '.join(WORDS)}, or a time such as {{days: 14}}.")
        if unknown := set(value) - _TIME_KEYS:
            self.fail(f"keep: unknown: {', '.join(sorted(map(str, unknown)))}.")
        if len(units := [unit for unit in UNITS if unit in value]) != 1:
            self.fail(f"keep: give exactly one of {', '.join(UNITS)}.")
        for name in (units[0], "least", "most"):
            self.whole(value, name, at_least=0 if name != units[0] or "setting" in value else 1)
        rest = {name: part for name, part in value.items() if name != units[0]}
        return self.time(Keep(unit=units[0], amount=value[units[0]], **rest))

    def time(self, kept: Keep) -> Keep:
        """A length of time whose parts agree."""
        if kept.after not in MOMENTS:
            self.fail(f"keep: after must be one of {', '.join(MOMENTS)}.")
        least = kept.amount if kept.least is None else kept.least
        most = kept.amount if kept.most is None else kept.most
        if not least <= kept.amount <= most:
            self.fail(f"keep: {kept.amount} is not within least and most.")
        return kept

    def whole(self, value: dict[str, Any], name: str, *, at_least: int) -> None:
        """A number, where there is one. True is none."""
        if name in value and (type(value[name]) is not int or value[name] < at_least):
            self.fail(f"keep: {name} must be a whole number from {at_least} on.")

    def doers(self, value: Any) -> tuple[str, ...]:
        """Who does it: one or several."""
        found = value if isinstance(value, list) else [value]
        for doer in found:
            if doer not in DOERS and not (isinstance(doer, str) and _PATH.match(doer)):
                self.fail(f"carried_out_by: {doer!r} is no dotted path, and none of {', '.join(DOERS)}.")
        return tuple(found)

    def fields(self, value: Any) -> Mapping[str, tuple[str, ...]]:
        """The fields of each table."""
        if not isinstance(value, dict) or not all(isinstance(names, list) for names in value.values()):
            self.fail("fields must be a list for each table.")
        return MappingProxyType({str(table): tuple(map(str, names)) for table, names in value.items()})

    def fail(self, problem: str) -> NoReturn:
        """Tell where."""
        raise PolicyError(f"{self.path.name}, line {self.line}: {self.where}{problem}")


def _filled(until: str, kept: Keep) -> str:
    """The sentence with the times that `keep` says: the page and the code never differ."""
    one, more = _UNITS_IN_WORDS.get(kept.unit, ("", ""))
    words = {"keep": f"{kept.amount} {one if kept.amount == 1 else more}", "least": kept.least, "most": kept.most}
    for name, value in words.items():
        until = until.replace(f"{{{name}}}", str(value))
    return until


def _twice(node: Any) -> Iterator[tuple[int, str]]:
    """Keys that stand twice in one group: YAML would take the last and say nothing."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, str(key.value)
            seen.add(str(key.value))
            yield from _twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for inner in node.value:
            yield from _twice(inner)
