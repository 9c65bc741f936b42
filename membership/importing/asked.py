"""What the officer asks of an import beside its columns: who is who, and what an empty cell means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from membership.models import RegisterImport

# Where an import keeps, among its options, that rows without a number are wanted too.
OWN_OPTIONS: Final = "register"
WITHOUT_NUMBER: Final = "without_number"
UPDATE: Final = "update"
NEW: Final = "new"
SKIP: Final = "skip"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of one row: update a member, make a new one, or nothing."""

    do: str
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The officer's choices. `undecided_are_new` is the command's: rows with likely matches do not wait."""

    decisions: Mapping[int, Decision] = field(default_factory=dict)
    empties_wipe: bool = False
    new_without_number: bool = False
    undecided_are_new: bool = False


def asked_of(made: RegisterImport) -> Asked:
    """The choices kept with an import."""
    return Asked(
        decisions={int(row): decision_of(kept) for row, kept in made.decisions.items()},
        empties_wipe=made.empties_wipe,
        new_without_number=bool(made.options.get(OWN_OPTIONS, {}).get(WITHOUT_NUMBER)),
    )


def decision_of(kept: Mapping[str, Any]) -> Decision:
    """One decision as it is kept."""
    member = kept.get("member")
    return Decision(str(kept.get("do", "")), int(member) if member is not None else None)
