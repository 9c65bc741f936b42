"""Taking members' rows out, with one statement for each table that points at them.

Django's own cascade loads what it deletes, and names each id in each statement: for thousands that is most of the
time. This does the same from the same declarations, whatever apps add: a table that hangs on a member goes with it,
with what hangs on that table; where a row is to stay, it forgets whose it was. Nothing listens to deletions here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from django.db import models, transaction

from common.among import among
from membership.models import Member


class NotHandled(Exception):
    """A table points at members by a rule that only Django's own cascade knows."""


@transaction.atomic
def delete_members(member_ids: Collection[int]) -> None:
    """Delete members and all that hangs on them. Raises `NotHandled`, before anything is touched."""
    these = among(member_ids)
    for model, path, field in _hanging():
        rows = model._base_manager.filter(**{f"{path}__in": these})
        if field:
            rows.update(**{field: None})
        else:
            rows._raw_delete(rows.db)
    members = Member._base_manager.filter(pk__in=these)
    members._raw_delete(members.db)


@cache
def _hanging() -> tuple[tuple[type[models.Model], str, str], ...]:
    """What to do, in order: the table, the path from it to the member, and the field to empty (else the row goes)."""
    return tuple(_walk(Member, ""))


def _walk(model: type[models.Model], path: str) -> Iterator[tuple[type[models.Model], str, str]]:
    """What hangs on what hangs comes first."""
    for relation in sorted(_relations(model), key=lambda one: (one.model._meta.label, one.name)):
        onwards = f"{relation.name}__{path}" if path else relation.name
        rule = relation.remote_field.on_delete
        if rule is models.SET_NULL:
            yield relation.model, onwards, relation.name
        elif rule is models.CASCADE and relation.model is not model:
            yield from _walk(relation.model, onwards)
            yield relation.model, onwards, ""
        else:
            raise NotHandled(f"{relation.model._meta.label}.{relation.name}")


def _relations(model: type[models.Model]) -> Iterator[Any]:
    """The foreign keys that lead to a model, those of many-to-many tables too."""
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            yield relation.field  # type: ignore[union-attr]
