"""How a request is spoken of: how many days are left, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from membership.extensions import Text
from membership.models import Branch, Member
from privacy.enums import RequestState
from privacy.models import RightsRequest

_TONES = {
    RequestState.ANSWERED: "success",
    RequestState.REFUSED: "warning",
    RequestState.WITHDRAWN: "neutral",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One request in the list."""

    pk: int
    kind: Text
    who: str
    place: str
    received_on: date
    word: Text
    tone: str


def days_left(due_on: date, today: date) -> tuple[str, str]:
    """“7 days left”, and a tone."""
    days = (due_on - today).days
    if days < 0:
        return ngettext("%(n)s day late", "%(n)s days late", -days) % {"n": -days}, "danger"
    if days == 0:
        return _("Last day today"), "danger"
    return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}, "warning" if days <= 7 else "info"


def word_of(request: RightsRequest, today: date) -> tuple[Text, str]:
    """Where it stands, and a tone."""
    state = RequestState(request.state)
    return days_left(request.due_on, today) if state == RequestState.OPEN else (state.label, _TONES[state])


def is_here(member: Member, branch: Branch) -> bool:
    """Whether a member belongs to a branch or one under it now: who has moved away is named there, not here."""
    return all(getattr(member, column) == pk for column, pk in branch.scope_of().items())


def who_of(request: RightsRequest, branch: Branch) -> str:
    """The name, or what can be said in its place."""
    member = request.member
    if member is None:
        return _("Not in the register")
    if not is_here(member, branch):
        return _("Belongs elsewhere now")
    return member.full_name or member.member_number


def row_of(request: RightsRequest, branch: Branch, today: date) -> Row:
    """A request as the list prints it."""
    word, tone = word_of(request, today)
    place = request.branch.place if request.branch_id != branch.pk else ""
    return Row(request.pk, request.get_kind_display(), who_of(request, branch), place, request.received_on, word, tone)
