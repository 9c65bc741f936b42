"""Where a member can ask to move to, what waits, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from membership.actions import moves
from membership.models import Branch, Member, MoveRequest

_SENTENCES: Final[Mapping[type[moves.MoveRefused], Any]] = {
    moves.AlreadyThere: _("You belong there already. Choose another branch."),
    moves.AlreadyWaiting: _("You are asked for already. Withdraw that first, or wait for the answer."),
    moves.Gone: _("Only members and those who have applied can move."),
}


def why_not(refusal: moves.MoveRefused) -> Any:
    """The reason, said to the member."""
    return _SENTENCES.get(type(refusal), _("Nobody can be moved there. Choose another branch."))


def branches_for(member: Member, today: date) -> list[Branch]:
    """Those of the county that exist today, but the member's own."""
    return list(
        Branch.objects.in_force(today).filter(county_id=member.county_id).exclude(pk=member.branch_id).in_order()
    )


def waiting_move(member: Member) -> MoveRequest | None:
    """The request that waits for an answer, if any."""
    return MoveRequest.objects.live().filter(member=member).select_related("to_branch").order_by("id").first()


def last_answer(member: Member) -> MoveRequest | None:
    """The last of the member's own requests that was answered."""
    own = MoveRequest.objects.answered().filter(member=member, by_member=True)
    return own.select_related("to_branch").newest_answer_first().first()


class MyMoveForm(forms.Form):
    """Where to."""

    to = forms.ChoiceField(
        label=_("Which branch do you want to belong to?"),
        error_messages={"required": _("Choose a branch."), "invalid_choice": _("Choose a branch from the list.")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, branches: list[Branch]) -> None:
        super().__init__(data)
        choices = [("", _("Choose a branch")), *((branch.slug, branch.name) for branch in branches)]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        self.branches = branches

    @property
    def branch(self) -> Branch:
        """The one that was chosen."""
        return next(branch for branch in self.branches if branch.slug == self.cleaned_data["to"])
