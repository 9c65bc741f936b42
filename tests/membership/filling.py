"""A row of any table that points at a member, every column with something in it: made from the declarations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from django.db import models

from accounts.models import User
from membership.models import Branch, Member

_numbers = count(1)
# Where a constraint wants something other than the first choice, or less than everything.
_WANTED: dict[str, dict[str, Any]] = {
    "messaging.Recipient": {"left_out": "", "user": None},
    "dues.Payment": {"reverses": None},
    "dues.Claim": {"outstanding_ore": 0, "state": "open"},
    "privacy.Departure": {"returned_at": None},
    "privacy.Hold": {"lifted_at": None},
    "membership.Placement": {"to_on": date(2020, 1, 2)},
    "membership.Merge": {"lost_id": 987654, "lost": {"row": {}}, "moved": {}},
}


# The first that fits: a date with a time is a date too.
_MADE: tuple[tuple[type[Any], Callable[[int], Any]], ...] = (
    (models.UUIDField, lambda _number: uuid4()),
    (models.JSONField, lambda _number: {}),
    (models.BooleanField, lambda _number: False),
    (models.DateTimeField, lambda _number: datetime(2026, 11, 20, 18, tzinfo=UTC)),
    (models.DateField, lambda _number: date(2026, 11, 20)),
    (models.IntegerField, lambda number: number),
    (models.Field, lambda number: f"x{number}"),
)


@dataclass(frozen=True, slots=True)
class Around:
    """Who stands in the other columns."""

    member: Member
    branch: Branch
    user: User


def fill(model: Any, field: Any, target: Any, around: Around) -> Any:
    """A saved row of `model` whose `field` is `target`; other members in it are the one around."""
    if model is Member:
        Member.objects.filter(pk=around.member.pk).update(**{field.name: target})
        return around.member
    values: dict[str, Any] = {field.name: target} if field else {}
    values |= _WANTED.get(model._meta.label, {})
    for column in model._meta.local_concrete_fields:
        if column.name not in values and (column.remote_field or not column.primary_key):
            values[column.name] = _value(column, around)
    return model._base_manager.create(**values)


def _value(column: Any, around: Around) -> Any:
    if column.remote_field:
        return _related(column, column.remote_field.model, around)
    if column.choices:
        return next(value for value, _label in column.flatchoices if value != "")
    return next(make for kind, make in _MADE if isinstance(column, kind))(next(_numbers))


def _related(column: Any, model: Any, around: Around) -> Any:
    if model is Branch:
        return around.branch.county if column.name == "to_branch" else around.branch
    known = {Member: around.member, User: around.user}.get(model)
    if known or column.one_to_one:
        return known or fill(model, None, None, around)
    return model._base_manager.first() or fill(model, None, None, around)
