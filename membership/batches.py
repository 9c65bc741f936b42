"""Pieces of work that changed many members, as their page and the register list tell of them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.numbers import format_int
from common.policy import keep
from membership.enums import BatchKind, BulkKind
from membership.links import url_if_there
from membership.models import Branch, ChangeBatch, ChangeBatchQuerySet, Tag
from membership.roles import Permission

# The name under which an address tells of what was just done.
CHANGED: Final = "endret"
# Where each kind is taken back, and the right it takes.
_ELSEWHERE: Final[Mapping[str, tuple[str, Permission]]] = {
    BatchKind.BULK: ("membership:batch", Permission.EDIT_MEMBERS),
    BatchKind.IMPORT: ("membership:import_undo", Permission.IMPORT_MEMBERS),
    BatchKind.MERGE: ("membership:merge_done", Permission.EDIT_MEMBERS),
    BatchKind.REFORM: ("membership:reform_detail", Permission.REFORM_BRANCHES),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One piece of work in words; `url` is where it is taken back, empty where that cannot be."""

    batch: ChangeBatch
    text: str
    is_undoable: bool
    url: str


def batches_of(branch: Branch) -> ChangeBatchQuerySet:
    """Those done from a branch or one under it."""
    return ChangeBatch.objects.filter(branch__in=branch.subtree)


def recent(branch: Branch, now: datetime) -> ChangeBatchQuerySet:
    """Those of the last 14 days, the latest first."""
    found = batches_of(branch).filter(at__gt=now - keep("undo"), count__gt=0)
    return found.select_related("by", "branch", "undone_by", "register_import").order_by("-at", "id")


def made_by(branch: Branch, pk: str, user_id: int, now: datetime) -> ChangeBatch | None:
    """The change of many that a user has just made, named in an address; None for anything else."""
    try:
        number = UUID(pk)
    except ValueError:
        return None
    found = batches_of(branch).undoable(now).filter(kind=BatchKind.BULK, by_id=user_id, at__gt=now - timedelta(hours=1))
    return found.filter(pk=number).first()


def told(batches: Iterable[ChangeBatch], branch: Branch, now: datetime, may: Container[Permission]) -> list[Told]:
    """In words: two queries, however many they are. `may`: what whoever reads it has the right to."""
    listed = list(batches)
    tags = dict(Tag.objects.of(branch).values_list("pk", "name"))
    targets = [batch.details.get("target") for batch in listed if batch.details.get("what") == BulkKind.MOVE]
    places = dict(branch.subtree.filter(pk__in=targets).values_list("pk", "name"))
    return [Told(batch, sentence(batch, tags, places), batch.is_undoable(now), _url(batch, may)) for batch in listed]


def _url(batch: ChangeBatch, may: Container[Permission]) -> str:
    name, permission = _ELSEWHERE[batch.kind]
    if permission not in may:
        return ""
    # An import's page goes by the import's own number.
    number = getattr(batch, "register_import", batch).pk if batch.kind == BatchKind.IMPORT else batch.pk
    return url_if_there(name, batch.branch.slug, number)


def sentence(batch: ChangeBatch, tags: Mapping[int, str], places: Mapping[int, str]) -> str:
    """“42 members added to Kvinnenettverket”."""
    words = _WORDS.get(batch.details.get("what", ""))
    if batch.kind != BatchKind.BULK or words is None:
        return str(batch.get_kind_display())
    target = batch.details.get("target")
    name = tags.get(target) or places.get(target) or _("a group that is gone")
    return words(batch.count) % {"n": format_int(batch.count), "name": name}


_WORDS: Final[Mapping[str, Callable[[int], str]]] = {
    BulkKind.ADD_TAG: lambda n: ngettext("%(n)s member added to %(name)s", "%(n)s members added to %(name)s", n),
    BulkKind.REMOVE_TAG: lambda n: ngettext(
        "%(n)s member taken out of %(name)s", "%(n)s members taken out of %(name)s", n
    ),
    BulkKind.MOVE: lambda n: ngettext("%(n)s member moved to %(name)s", "%(n)s members moved to %(name)s", n),
    BulkKind.CHECK: lambda n: ngettext("%(n)s member marked as checked", "%(n)s members marked as checked", n),
}
