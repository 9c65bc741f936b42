"""What the pages about the tree show: the branches, what a merger or a split will do, what can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.numbers import format_int
from membership.access import BranchRequest
from membership.actions.reform_undo import reasons_against
from membership.actions.reforms import Part
from membership.enums import BatchKind, SuccessionKind
from membership.extensions import Text, registry
from membership.models import Branch, ChangeBatch, Grant, Succession
from membership.reform_forms import PartForm
from membership.tree import tree_of

_ALWAYS: Final = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One branch in the tree."""

    pk: int
    slug: str
    name: str
    members: int
    under: int
    valid_from: date | None
    valid_to: date | None
    became: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """One merger or split that was done."""

    pk: UUID
    text: str
    at: datetime
    by: str
    count: int
    undoable: bool
    is_undone: bool


def tree_page(request: BranchRequest, now: datetime) -> dict[str, Any]:
    """The branches right under this one: those that are, those that were, and what was done."""
    branch = request.branch
    children = list(branch.children.order_by("sort_key", "id"))
    going = [child for child in children if child.valid_to is None or child.valid_to > request.today]
    heirs = _heirs(children)
    ended = [child for child in children if child not in going and child.pk in heirs]
    counts = _counts(request)
    return {
        "page": "oversikt",
        "going": [_line(child, counts) for child in going],
        "ended": [_line(child, counts, heirs) for child in ended],
        "reforms": _done(branch, now),
    }


def _line(child: Branch, counts: dict[int, list[int]], heirs: dict[int, list[str]] | None = None) -> Line:
    members, under = counts.get(child.pk, [0, 0])
    began = child.valid_from if child.valid_from > _ALWAYS else None
    became = ", ".join((heirs or {}).get(child.pk, ()))
    return Line(child.pk, child.slug, child.name, members, under, began, child.valid_to, became)


def _counts(request: BranchRequest) -> dict[int, list[int]]:
    """Members of each branch right under this one, with all under it, and how many branches that is."""
    counts: dict[int, list[int]] = {}
    for node in tree_of(request.branch).nodes.values():
        top = (node.municipal_id or node.pk) if request.branch.is_county else node.pk
        found = counts.setdefault(top, [0, 0])
        found[0] += node.members
        found[1] += node.pk != top
    return counts


def _heirs(children: Sequence[Branch]) -> dict[int, list[str]]:
    heirs: dict[int, list[str]] = {}
    rows = Succession.objects.filter(predecessor__in=children).select_related("successor").order_by("from_on", "id")
    for row in rows:
        heirs.setdefault(row.predecessor_id, []).append(row.successor.name)
    return heirs


def _done(branch: Branch, now: datetime) -> list[Done]:
    batches = ChangeBatch.objects.filter(branch=branch, kind=BatchKind.REFORM).select_related("by")
    found = list(
        batches.prefetch_related("successions__predecessor", "successions__successor").order_by("-at", "-id")[:20]
    )
    return [_one(batch, now) for batch in found]


def _one(batch: ChangeBatch, now: datetime) -> Done:
    return Done(
        batch.pk,
        _told(batch),
        batch.at,
        batch.by.name if batch.by else "",
        batch.count,
        batch.is_undoable(now),
        batch.undone_at is not None,
    )


def reform_page(batch: ChangeBatch, now: datetime) -> dict[str, Any]:
    """One of them, and what stands in the way of taking it back."""
    found = _one(batch, now)
    return {
        "page": "oversikt",
        "reform": found,
        "on": date.fromisoformat(batch.details["on"]),
        "until": batch.undo_until_at,
        "reasons": reasons_against(batch) if found.undoable else [],
        "rows": list(batch.successions.select_related("predecessor", "successor").order_by("id")),
    }


def _told(batch: ChangeBatch) -> str:
    rows = list(batch.successions.all())
    before = _joined({row.predecessor_id: row.predecessor.place for row in rows})
    after = _joined({row.successor_id: row.successor.place for row in rows})
    if not rows:
        return _("Merged or split, and undone")
    if batch.details["kind"] == SuccessionKind.MERGER:
        return _("%(before)s became %(after)s") % {"before": before, "after": after}
    return _("%(before)s was split: %(after)s") % {"before": before, "after": after}


def _joined(names: dict[int, str]) -> str:
    found = sorted(names.values())
    return _(" and ").join(filter(None, [", ".join(found[:-1]), found[-1]])) if found else ""


def undoable_reform(branch: Branch, pk: UUID) -> ChangeBatch | None:
    """A merger or split done in this county."""
    return ChangeBatch.objects.filter(branch=branch, kind=BatchKind.REFORM, pk=pk).first()


def chosen(branch: Branch, ids: Sequence[str], today: date) -> list[Branch] | None:
    """The branches right under this one that were ticked; None where one of them is not."""
    if not all(pk.isascii() and pk.isdigit() and len(pk) < 19 for pk in ids):
        return None
    going = branch.children.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today))
    found = list(going.filter(pk__in=map(int, ids)).order_by("sort_key", "id"))
    return found if len(found) == len(set(ids)) else None


def will_happen(branches: Sequence[Branch], today: date) -> list[Text]:
    """What merging or ending these branches means, in sentences."""
    people = sum(branch.members.count() for branch in branches)
    under = Branch.objects.filter(parent__in=branches, valid_to__isnull=True).count()
    access = Grant.objects.in_force(today).filter(branch__in=branches).values("user_id").distinct().count()
    told: list[Text] = [
        ngettext("%(n)s person in the register goes along.", "%(n)s people in the register go along.", people)
        % {"n": format_int(people)}
    ]
    if under:
        told.append(ngettext("%(n)d local branch goes along.", "%(n)d local branches go along.", under) % {"n": under})
    if access:
        told.append(
            ngettext(
                "%(n)d with access gets the same role in the new one, and loses the old.",
                "%(n)d with access get the same role in the new one, and lose the old.",
                access,
            )
            % {"n": access}
        )
    for reform in registry.reforms:
        told += reform.tell(branches)
    return told


@dataclass(slots=True)
class Choice:
    """What the forms of a split come to: the parts, and how many go where."""

    parts: list[Part] = field(default_factory=list)
    rows: list[tuple[str, int, int]] = field(default_factory=list)
    rest: int = 0
    problem: str = ""


def choice_of(branch: Branch, forms: Sequence[PartForm]) -> Choice:
    """Who goes to which part. Typed numbers go before postal codes; nothing is derived from a protected address."""
    codes, twice = _by_word(forms, "codes")
    numbers, also = _by_word(forms, "numbers")
    made = Choice()
    if twice:
        made.problem = _("Postal code %(code)s is in two parts.") % {"code": twice}
    elif also:
        made.problem = _("A member number is in two parts.")
    ids: list[set[int]] = [set() for _form in forms]
    rows = branch.home_members.order_by("pk").values_list("pk", "member_number", "postal_code", "address_protection")
    for pk, number, code, protection in rows:
        found = numbers.pop(number, None if protection else codes.get(code.strip()))
        if found is None:
            made.rest += 1
        else:
            ids[found].add(pk)
    if numbers and not made.problem:
        made.problem = ngettext(
            "%(n)d of the member numbers is not of this branch.",
            "%(n)d of the member numbers are not of this branch.",
            len(numbers),
        ) % {"n": len(numbers)}
    for form, some in zip(forms, ids, strict=True):
        local_ids = frozenset(map(int, form.cleaned_data.get("locals", ())))
        made.parts.append(Part(form.heir(), frozenset(some), local_ids))
        made.rows.append((form.cleaned_data["place"], len(some), len(local_ids)))
    return made


def _by_word(forms: Sequence[PartForm], name: str) -> tuple[dict[str, int], str]:
    """Word → the part it stands in, and one that stands in two."""
    found: dict[str, int] = {}
    twice = ""
    for place, form in enumerate(forms):
        for word in form.cleaned_data[name]:
            if found.setdefault(word, place) != place:
                twice = word
    return found, twice
