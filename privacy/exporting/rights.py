"""What privacy itself keeps of a member, and the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from membership.models import Member
from privacy.exporting.values import Item, Record, Section
from privacy.lookups import all_lookups
from privacy.models import AccessLink, Departure, Hold, RightsRequest, StayAgreement, UnpaidCase


def _departures(member: Member) -> Sequence[Record]:
    return [
        [
            Item("left_on", _("Left"), row.left_on),
            Item("way", _("How"), row.way, row.get_way_display()),
            Item("text", _("What you wrote"), row.text),
            Item("recorded_at", _("Registered"), row.recorded_at),
            Item("erase_on", _("To be erased"), row.erase_on),
            Item("returned_at", _("Taken back"), row.returned_at),
        ]
        for row in Departure.objects.filter(member=member).order_by("recorded_at", "id")
    ]


def _holds(member: Member) -> Sequence[Record]:
    return [
        [
            Item("reason", _("Reason"), row.reason, row.get_reason_display()),
            Item("placed_at", _("Since"), row.placed_at),
            Item("until_on", _("Until"), row.until_on),
            Item("lifted_at", _("Ended"), row.lifted_at),
        ]
        for row in Hold.objects.filter(member=member).order_by("placed_at", "id")
    ]


def _stays(member: Member) -> Sequence[Record]:
    return [
        [Item("year", _("Dues year"), row.year), Item("agreed_at", _("Agreed"), row.agreed_at)]
        for row in StayAgreement.objects.filter(member=member).order_by("year", "id")
    ]


def _unpaid(member: Member) -> Sequence[Record]:
    rows = UnpaidCase.objects.filter(member=member).select_related("round").order_by("id")
    return [
        [
            Item("year", _("Dues year"), row.round.year),
            Item("state", _("Status"), row.state, row.get_state_display()),
            Item("notified_at", _("Notice given"), row.notified_at),
            Item("answer_by_on", _("Answer by"), row.round.answer_by_on),
        ]
        for row in rows
    ]


def _links(member: Member) -> Sequence[Record]:
    """Never the link itself, of which only a digest is kept."""
    return [
        [
            Item("kind", _("What for"), row.kind, row.get_kind_display()),
            Item("channel", _("By"), row.channel, row.get_channel_display()),
            Item("address", _("Sent to"), row.address),
            Item("year", _("Dues year"), row.year),
            Item("created_at", _("Made"), row.created_at),
            Item("expires_at", _("Holds until"), row.expires_at),
            Item("spent_at", _("Used"), row.spent_at),
        ]
        for row in AccessLink.objects.filter(member=member).order_by("created_at", "id")
    ]


def _requests(member: Member) -> Sequence[Record]:
    return [
        [
            Item("kind", _("What you asked for"), row.kind, row.get_kind_display()),
            Item("way", _("How it came"), row.way, row.get_way_display()),
            Item("received_on", _("Asked"), row.received_on),
            Item("due_on", _("Answered by"), row.due_on),
            Item("text", _("What you wrote"), row.text),
            Item("state", _("Status"), row.state, row.get_state_display()),
            Item("extended_because", _("Why it takes longer"), row.extended_because),
            Item("answer", _("The answer"), row.answer),
            Item("answered_on", _("Answered"), row.answered_on),
        ]
        for row in RightsRequest.objects.filter(member=member).order_by("received_on", "id")
    ]


def _log(member: Member) -> Sequence[Record]:
    return [
        [Item("at", _("When"), one.at), Item("what", _("What"), one.what), Item("who", _("Who"), one.who)]
        for one in all_lookups(member)
    ]


SECTIONS: Final = (
    Section("departures", gettext_lazy("Resignation"), frozenset({"privacy.Departure"}), _departures),
    Section("holds", gettext_lazy("Erasing put off"), frozenset({"privacy.Hold"}), _holds),
    Section("stays", gettext_lazy("Agreements to stay"), frozenset({"privacy.StayAgreement"}), _stays),
    Section("unpaid", gettext_lazy("Lists of dues long unpaid"), frozenset({"privacy.UnpaidCase"}), _unpaid),
    Section("links", gettext_lazy("Links sent to you"), frozenset({"privacy.AccessLink"}), _links),
    Section("requests", gettext_lazy("Your requests"), frozenset({"privacy.RightsRequest"}), _requests),
    Section("log", gettext_lazy("Who has looked at you"), frozenset({"accounts.AuditEvent"}), _log),
)
