"""What a member has asked for, and the form for asking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from membership.member_fields import CleanForm, LinesField
from membership.models import Member
from privacy.enums import RequestKind
from privacy.models import RightsRequest

# More at once than this is no longer a question; the officer answers them first.
MOST_OPEN: Final = 5
_MOST_SHOWN: Final = 50
_EXPLAINED: Final[Mapping[str, Any]] = {
    RequestKind.ACCESS: _("Something you do not find under “Fetch everything”"),
    RequestKind.CORRECTION: _("Something is wrong, and you cannot put it right yourself"),
    RequestKind.ERASURE: _("Something that should not be kept about you"),
    RequestKind.OBJECTION: _("A use of your data that you do not want"),
}


class MyRequestForm(CleanForm):
    """What it is about, in one's own words."""

    kind = forms.ChoiceField(
        label=_("Kind of request"),
        choices=RequestKind.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what you ask for."),
            "invalid_choice": _("Choose what you ask for."),
        },
    )
    text = LinesField(
        label=_("Tell us what it is about"),
        help_text=_("The membership officer reads it. Do not write more about yourself than is needed."),
        max_length=4000,
        required=True,
        error_messages={
            "required": _("Write what it is about, in a sentence or two."),
            "max_length": _("Write at most 4,000 letters."),
        },
    )

    @property
    def kinds(self) -> list[tuple[str, Any, Any]]:
        """Value, label and what it means."""
        return [(value, label, _EXPLAINED[value]) for value, label in RequestKind.choices]


def own_requests(member: Member) -> list[RightsRequest]:
    """The latest first."""
    return list(RightsRequest.objects.filter(member=member).order_by("-received_on", "-id")[:_MOST_SHOWN])


def may_ask(member: Member) -> bool:
    """Whether there is room for one more."""
    return RightsRequest.objects.open().filter(member=member).count() < MOST_OPEN
