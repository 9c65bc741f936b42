"""What the pages about moving show: where one can move to, what waits for an answer, what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from common import clock
from membership.access import BranchRequest
from membership.actions.moves import last_move
from membership.enums import MoveState
from membership.models import Branch, Member, MemberChange, MoveRequest, MoveRequestQuerySet
from membership.models.member import GONE
from membership.move_forms import MoveForm
from membership.postal_codes import likely_branch

# A page of requests is read to its end; more than this are not waiting anywhere.
AT_MOST: Final = 200
_REMEMBERED: Final = timedelta(days=30)
_TONES: Final = {MoveState.ACCEPTED: "success", MoveState.REFUSED: "warning", MoveState.WITHDRAWN: "neutral"}


def in_force(request: BranchRequest) -> list[Branch]:
    """The county's branches that exist today, in order: names are no secret."""
    return list(Branch.objects.in_force(request.today).filter(county_id=request.branch.root_id).in_order())


def move_form(request: BranchRequest, member: Member, data: Mapping[str, Any] | None) -> MoveForm:
    """The form, with the likeliest branch chosen beforehand."""
    choices = [branch for branch in in_force(request) if branch.pk != member.branch_id]
    own = [branch for branch in choices if request.branch.pk in branch.ancestor_ids]
    others = [branch for branch in choices if request.branch.pk not in branch.ancestor_ids]
    likely = likely_branch(member, today=request.today)
    to = likely.slug if likely and likely.pk != member.branch_id else ""
    form = MoveForm(data, own=own, others=others, today=request.today, to=to)
    if to and likely:
        form.fields["to"].help_text = _("Postal code %(code)s mostly belongs to %(place)s.") % {
            "code": member.postal_code,
            "place": likely.place,
        }
    return form


def waiting_for(member: Member) -> MoveRequest | None:
    """The request that waits for an answer, if any."""
    return MoveRequest.objects.live().filter(member=member).select_related("to_branch", "asked_by").first()


def undoable_move(request: BranchRequest, member: Member) -> dict[str, Any] | None:
    """The member's last move, where it was within what one has: from, to, when, by whom."""
    change: MemberChange | None = last_move(member, now=clock.now())
    before = request.branch.subtree.filter(pk=int(str(change.before))).first() if change else None
    if change is None or before is None:
        return None
    return {"before": before, "at": change.at, "by": change.by.name if change.by else ""}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as a branch sees it: of the member no more than name, year of birth and where they are."""

    pk: int
    name: str
    birth_year: int | None
    before: str
    after: str
    asked_by: str
    by_member: bool
    asked_at: datetime
    state: str = ""
    tone: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    reason: str = ""


def moves_page(request: BranchRequest, *, refused: int | None = None, form: Any = None) -> dict[str, Any]:
    """What comes in, what one waits for oneself, and what was answered in the last month."""
    branch = request.branch
    live = MoveRequest.objects.live()
    incoming = _read(live.to(branch).oldest_first())
    outgoing = _read(live.out_of(branch).exclude(to_branch__in=branch.subtree).oldest_first())
    answered = _read(
        MoveRequest.objects.answered()
        .filter(Q(to_branch__in=branch.subtree) | Q(from_branch__in=branch.subtree))
        .filter(answered_at__gte=clock.now() - _REMEMBERED)
        .newest_answer_first()
    )
    return {
        "page": "medlemmer",
        "incoming": [_asked(row, branch, known=True) for row in incoming],
        "outgoing": [_asked(row, branch, known=True) for row in outgoing],
        "answered": [_asked(row, branch) for row in answered],
        "refused": refused,
        "form": form,
    }


def _read(requests: MoveRequestQuerySet) -> list[MoveRequest]:
    return list(
        requests.select_related("member__branch", "from_branch", "to_branch", "asked_by", "answered_by")[:AT_MOST]
    )


def _asked(row: MoveRequest, branch: Branch, *, known: bool = False) -> Asked:
    """`known`: it waits, and so both sides see whom it is about. Afterwards only the one who has the member does.

    Of one who has left nobody does.
    """
    member = row.member
    here = all(getattr(member, column) == pk for column, pk in branch.scope_of().items())
    known = member.status not in GONE and (known or here)
    state = MoveState(row.state)
    lapsed = state == MoveState.WITHDRAWN and row.answered_by_id is None
    return Asked(
        pk=row.pk,
        name=(member.full_name or member.member_number) if known else _("A member"),
        birth_year=_birth_year(member) if known else None,
        before=row.from_branch.name,
        after=row.to_branch.name,
        asked_by=row.asked_by.name if row.asked_by else "",
        by_member=row.by_member,
        asked_at=row.asked_at,
        state=_("Lapsed") if lapsed else str(state.label),
        tone=_TONES.get(state, "info"),
        answered_by=row.answered_by.name if row.answered_by else "",
        answered_at=row.answered_at,
        reason=row.reason,
    )


def _birth_year(member: Member) -> int | None:
    return member.birth_on.year if member.birth_on else member.birth_year


def answerable(request: BranchRequest, pk: int) -> MoveRequest | None:
    """A request to this branch or one under it."""
    return _one(MoveRequest.objects.to(request.branch), pk)


def withdrawable(request: BranchRequest, pk: int) -> MoveRequest | None:
    """A request from this branch or one under it."""
    return _one(MoveRequest.objects.out_of(request.branch), pk)


def _one(requests: MoveRequestQuerySet, pk: int) -> MoveRequest | None:
    return requests.filter(pk=pk).select_related("member", "to_branch").first()
