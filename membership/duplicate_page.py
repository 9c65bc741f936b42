"""The pages of likely duplicates: the list, and two records beside one another. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock
from common.dates import format_date
from common.phone import format_phone
from membership.actions.merging import mark_of
from membership.duplicate_reads import undoable_merges_of
from membership.duplicates.choosing import (
    ADDRESS,
    BOTH,
    BRANCH,
    CHOICES,
    NOTE,
    Choice,
    address_is_hidden,
    better,
    kept_first,
    same,
)
from membership.duplicates.likeness import CERTAIN, LIKELY
from membership.enums import Category, Gender, MemberSource, MemberStatus
from membership.models import Branch, DuplicatePair, DuplicatePairQuerySet, Member
from membership.models.member import GONE
from membership.roles import Permission

# The field of the form that says which record, and so which number, is kept.
KEPT: Final = "kept"

_REASONS: Final = {
    "name": gettext_lazy("name"),
    "birth": gettext_lazy("birth"),
    "phone": gettext_lazy("phone"),
    "email": gettext_lazy("email"),
    "address": gettext_lazy("address"),
}
_LABELS: Final = {
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "birth": gettext_lazy("Born"),
    "gender": gettext_lazy("Gender"),
    "mobile": gettext_lazy("Mobile"),
    "phone": gettext_lazy("Other phone"),
    "email": gettext_lazy("Email"),
    ADDRESS: gettext_lazy("Address"),
    "language": gettext_lazy("Language"),
    BRANCH: gettext_lazy("Branch"),
    "status": gettext_lazy("Status"),
    "category": gettext_lazy("Category"),
    "source": gettext_lazy("How they joined"),
    "recruited": gettext_lazy("Recruited by"),
    "skills": gettext_lazy("Can contribute"),
    "guardian": gettext_lazy("Guardian"),
    NOTE: gettext_lazy("Internal note"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One value to choose."""

    value: str
    text: str
    chosen: bool
    # Beside the text, such as what becomes of the number.
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One field in which the two differ."""

    key: str
    label: str
    options: tuple[Option, ...]


def open_pairs(branch: Branch) -> DuplicatePairQuerySet:
    """Likely pairs of which a branch sees both, one of them not gone."""
    here = Q(first__status__in=_HERE) | Q(second__status__in=_HERE)
    return DuplicatePair.objects.open().within(branch).filter(here).likeliest_first()


_HERE: Final = (MemberStatus.MEMBER, MemberStatus.APPLIED)


def pairs_of(branch: Branch, member: Member) -> list[DuplicatePair]:
    """The likely pairs one member is in."""
    mine = open_pairs(branch).filter(Q(first=member) | Q(second=member))
    return list(mine.select_related("first__branch", "second__branch")[:20])


def listed(pairs: Iterable[DuplicatePair]) -> list[dict[str, Any]]:
    """The rows of the list."""
    return [
        {
            "pk": pair.pk,
            "first": _brief(pair.first),
            "second": _brief(pair.second),
            "how": how_likely(pair.score),
            "tone": "warning" if pair.score >= CERTAIN else "neutral",
            "why": why(pair),
        }
        for pair in pairs
    ]


def how_likely(score: int) -> str:
    """The score in words."""
    if score >= CERTAIN:
        return _("Very likely")
    return _("Likely") if score >= LIKELY + 10 else _("Possible")


def why(pair: DuplicatePair) -> str:
    """What speaks for it: “Name, birth and phone agree”. Nothing is told of a protected address."""
    told = [reason for reason in pair.reasons if reason in _REASONS]
    if address_is_hidden(pair.first, pair.second):
        told = [reason for reason in told if reason != ADDRESS]
    return _listed([str(_REASONS[reason]) for reason in told])


def _listed(words: list[str]) -> str:
    if len(words) < 2:
        return str(capfirst("".join(words)))
    return str(capfirst(_("%(some)s and %(last)s") % {"some": ", ".join(words[:-1]), "last": words[-1]}))


def _brief(member: Member) -> dict[str, Any]:
    return {
        "pk": member.pk,
        "name": member.full_name or member.member_number,
        "number": member.member_number,
        "branch": member.branch.place,
        "born": _born(member),
        "status": MemberStatus(member.status).label if member.status != MemberStatus.MEMBER else "",
    }


def merges_panel(member: Member, branch: Branch, _today: date) -> dict[str, Any]:
    """What the member's page says: merges that can be taken back."""
    merges = [
        {"pk": made.pk, "batch": made.batch, "former": made.lost["row"]["member_number"]}
        for made in undoable_merges_of(branch, member, now=clock.now())
    ]
    return {"merges": merges}


def comparison(one: Member, other: Member, chosen: Mapping[str, str], may: Container[Permission]) -> dict[str, Any]:
    """What the page of two records prints; `chosen` is what a form that was refused had."""
    kept, lost = kept_first(one, other)
    if chosen.get(KEPT) == str(lost.pk):
        kept, lost = lost, kept
    differing, equal = [], []
    for choice in CHOICES:
        if choice.key == NOTE and Permission.VIEW_NOTES not in may:
            continue
        if choice.key == ADDRESS and address_is_hidden(one, other):
            continue
        if same(choice, one, other):
            if text := _shown(choice, one):
                equal.append((str(_LABELS[choice.key]), text))
        else:
            differing.append(_row(choice, one, other, kept, lost, chosen))
    return {
        "people": (_brief(one), _brief(other)),
        "number": _number_row(one, other, kept),
        "rows": differing,
        "equal": equal,
        "address_hidden": address_is_hidden(one, other),
        "notes_joined": Permission.VIEW_NOTES not in may and bool(one.note or other.note),
        "marks": ((one.pk, mark_of(one)), (other.pk, mark_of(other))),
    }


def _number_row(one: Member, other: Member, kept: Member) -> Row:
    def detail(member: Member) -> str:
        return _("Given here") if member.number_is_local else _("From the central register")

    options = tuple(
        Option(str(member.pk), member.member_number, member.pk == kept.pk, detail(member)) for member in (one, other)
    )
    return Row(KEPT, _("Member number"), options)


def _row(choice: Choice, one: Member, other: Member, kept: Member, lost: Member, chosen: Mapping[str, str]) -> Row:
    beforehand = BOTH if choice.key == NOTE else str(better(choice, kept, lost).pk)
    asked = chosen.get(choice.key, beforehand)
    options = [
        Option(str(member.pk), _shown(choice, member) or _("Nothing"), asked == str(member.pk))
        for member in (one, other)
    ]
    if choice.key == NOTE:
        options.append(Option(BOTH, _("Keep both"), asked == BOTH))
    return Row(choice.key, str(_LABELS[choice.key]), tuple(options))


def _shown(choice: Choice, member: Member) -> str:
    return _READ.get(choice.key, _plain)(choice, member)


def _plain(choice: Choice, member: Member) -> str:
    return str(getattr(member, choice.columns[0]) or "")


def _born(member: Member) -> str:
    if member.birth_on:
        return format_date(member.birth_on)
    return str(member.birth_year or "")


def _phone(choice: Choice, member: Member) -> str:
    number = str(getattr(member, choice.columns[0]))
    return format_phone(number) if number.startswith("+") else number


def _address(_choice: Choice, member: Member) -> str:
    care_of = _("c/o %(name)s") % {"name": member.care_of} if member.care_of else ""
    return ", ".join(filter(None, [care_of, member.street, f"{member.postal_code} {member.city}".strip()]))


def _status(_choice: Choice, member: Member) -> str:
    label = str(MemberStatus(member.status).label)
    return f"{label} {format_date(member.left_on)}" if member.left_on else label


def _recruited(_choice: Choice, member: Member) -> str:
    """The name of a recruiter is shown where the recruiter belongs to the same county's register and branch."""
    recruiter = member.recruited_by
    if recruiter is None or recruiter.status in GONE:
        return member.recruited_by_text
    return recruiter.full_name if recruiter.branch_id == member.branch_id else _("Somebody in another branch")


def _guardian(_choice: Choice, member: Member) -> str:
    consent = format_date(member.guardian_consent_on) if member.guardian_consent_on else ""
    return ", ".join(filter(None, [member.guardian_name, consent]))


_READ: Final[Mapping[str, Callable[[Choice, Member], str]]] = {
    "birth": lambda _choice, member: _born(member),
    "mobile": _phone,
    "phone": _phone,
    ADDRESS: _address,
    BRANCH: lambda _choice, member: member.branch.name,
    "status": _status,
    "gender": lambda _choice, member: str(Gender(member.gender).label) if member.gender else "",
    "category": lambda _choice, member: str(Category(member.category).label),
    "source": lambda _choice, member: str(MemberSource(member.source).label) if member.source else "",
    "recruited": _recruited,
    "guardian": _guardian,
}
