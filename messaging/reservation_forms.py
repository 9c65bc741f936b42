"""What somebody wants to get, as two switches and the rest under “more”; and the same said in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from membership.models import Member
from messaging.contact import address_of, blocks_of, is_stopped
from messaging.enums import Channel, Purpose

_SWITCHES: Final[Mapping[str, Any]] = {"no_email": gettext_lazy("Email"), "no_sms": gettext_lazy("SMS")}
_KINDS: Final[Mapping[str, Any]] = {
    "no_newsletter": gettext_lazy("Newsletters"),
    "no_meetings": gettext_lazy("Invitations to meetings"),
    "no_surveys": gettext_lazy("Surveys"),
    "no_recruitment": gettext_lazy("Questions about recruiting others"),
}
_OTHER_WAYS: Final[Mapping[str, Any]] = {
    "no_phone": gettext_lazy("Calls"),
    "no_post": gettext_lazy("Letters that are not formal notices"),
}
_GIFTS: Final = "fundraising_consent_on"
_GIFTS_LABEL: Final = gettext_lazy("Questions about gifts")
# The button that says no to the kind of mail one came from.
NO_MORE: Final[Mapping[str, Any]] = {
    Purpose.NEWSLETTER: gettext_lazy("No more newsletters"),
    Purpose.MEETINGS: gettext_lazy("No more invitations"),
    Purpose.SURVEYS: gettext_lazy("No more surveys"),
    Purpose.RECRUITMENT: gettext_lazy("No more questions about recruiting"),
    Purpose.FUNDRAISING: gettext_lazy("No more questions about gifts"),
}


def has_said_no(member: Member, purpose: str) -> bool:
    """Whether a member wants no more of a kind."""
    if purpose == Purpose.FUNDRAISING:
        return member.fundraising_consent_on is None
    return bool(getattr(member, f"no_{purpose}"))


def stopped_channels(member: Member) -> frozenset[str]:
    """The ways that are closed by a STOPP or a complaint; only the one who did that can open them again."""
    pairs = [(channel.value, address_of(member, channel)) for channel in (Channel.EMAIL, Channel.SMS)]
    blocks = blocks_of(pairs)
    return frozenset(channel for channel, address in pairs if is_stopped(channel, blocks.get((channel, address), ())))


def remaining(member: Member, stopped: frozenset[str]) -> tuple[str, list[str]]:
    """What a member may still be sent: by which ways, in a sentence, and of which kinds. No kinds: nothing."""
    email = not member.no_email and Channel.EMAIL not in stopped
    sms = not member.no_sms and Channel.SMS not in stopped
    kinds = [str(label) for name, label in _KINDS.items() if not getattr(member, name)]
    if member.fundraising_consent_on:
        kinds.append(str(_GIFTS_LABEL))
    if not kinds or not (email or sms):
        return _("You get no more email or SMS from us, but for what is said below."), []
    if email and sms:
        return _("We may still send you this, by email and SMS:"), kinds
    return (_("We may still send you this, by email:") if email else _("We may still send you this, by SMS:")), kinds


class ReservationForm(forms.Form):
    """On means: I want it. Only what the reader turns is written, so that an old page undoes nothing."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, member: Member, stopped: frozenset[str]) -> None:
        super().__init__(data, auto_id="%s", label_suffix="")
        for name, label in {**_SWITCHES, **_KINDS, **_OTHER_WAYS}.items():
            if name.removeprefix("no_") not in stopped:
                self._add(name, label, wanted=not getattr(member, name), is_switch=name in _SWITCHES)
        if member.fundraising_consent_on:
            self.add_gifts(wanted=True)

    def add_gifts(self, *, wanted: bool) -> None:
        """Questions about gifts: here only where one has said yes; a page that knows who reads it may ask."""
        self._add(_GIFTS, _GIFTS_LABEL, wanted=wanted)

    def _add(self, name: str, label: Any, *, wanted: bool, is_switch: bool = False) -> None:
        attrs = {"class": "ds-input"} | ({"role": "switch"} if is_switch else {})
        self.fields[name] = forms.BooleanField(
            label=label,
            required=False,
            initial=wanted,
            show_hidden_initial=True,
            widget=forms.CheckboxInput(attrs=attrs),
        )

    @property
    def switches(self) -> list[forms.BoundField]:
        """Email and SMS, unless closed."""
        return [self[name] for name in _SWITCHES if name in self.fields]

    @property
    def more(self) -> list[forms.BoundField]:
        """The kinds of messages, and the other ways."""
        return [self[name] for name in self.fields if name not in _SWITCHES]

    @property
    def values(self) -> dict[str, Any]:
        """Column → value, of what was turned. Consent can be taken back here, not given."""
        turned = {name: self.cleaned_data[name] for name in self.changed_data}
        found: dict[str, Any] = {name: not wanted for name, wanted in turned.items() if name != _GIFTS}
        if turned.get(_GIFTS) is False:
            found[_GIFTS] = None
        return found
