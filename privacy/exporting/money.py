"""Dues, calls and recruiting: what the apps beside the register keep of a member."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calling.models import Call
from dues.models import Claim, Payment
from membership.models import Member
from privacy.exporting.values import Item, Record, Section
from recruitment.models import RecruiterLink


def _claims(member: Member) -> Sequence[Record]:
    return [
        [
            Item("year", _("Dues year"), row.year),
            Item("amount_ore", _("Amount"), row.amount_ore),
            Item("outstanding_ore", _("Left to pay"), row.outstanding_ore),
            Item("state", _("Status"), row.state, row.get_state_display()),
            Item("kid", "KID", row.kid),
            Item("original_due_on", _("First due date"), row.original_due_on),
            Item("final_due_on", _("Due date"), row.final_due_on),
            Item("created_at", _("Asked for"), row.created_at),
        ]
        for row in Claim.objects.filter(member=member).newest_first()
    ]


def _payments(member: Member) -> Sequence[Record]:
    rows = Payment.objects.filter(claim__member=member).select_related("claim").order_by("paid_on", "id")
    return [
        [
            Item("year", _("Dues year"), row.claim.year if row.claim else None),
            Item("amount_ore", _("Amount"), row.amount_ore),
            Item("paid_on", _("Paid on"), row.paid_on),
            Item("source", _("How"), row.source, row.get_source_display()),
            Item("takes_back", _("Takes an earlier one back"), row.reverses_id is not None),
            Item("created_at", _("Registered"), row.created_at),
        ]
        for row in rows
    ]


def _calls(member: Member) -> Sequence[Record]:
    """Who called is a volunteer, and not told; what was written of the member is."""
    rows = Call.objects.filter(member=member).select_related("call_list__branch")
    return [
        [
            Item("listed_at", _("Put on a call list"), row.call_list.created_at),
            Item("branch", _("Branch"), row.call_list.branch.name),
            Item("purpose", _("What for"), row.call_list.purpose, row.call_list.get_purpose_display()),
            Item("year", _("Dues year"), row.call_list.year),
            Item("by", _("By"), "caller", _("A caller")),
            Item("outcome", _("Result"), row.outcome, row.get_outcome_display() if row.outcome else ""),
            Item("outcome_at", _("Called"), row.outcome_at),
            Item("follow_up_on", _("To be called again"), row.follow_up_on),
            Item("note", _("Note from the call"), row.note),
        ]
        for row in rows.order_by("call_list__created_at", "id")
    ]


def _recruiting(member: Member) -> Sequence[Record]:
    return [
        [Item("code", _("Code in your recruiting link"), row.code), Item("made_at", _("Made"), row.made_at)]
        for row in RecruiterLink.objects.filter(member=member).order_by("pk")
    ]


SECTIONS: Final = (
    Section("claims", gettext_lazy("Dues"), frozenset({"dues.Claim"}), _claims),
    Section("payments", gettext_lazy("Payments"), frozenset({"dues.Payment"}), _payments),
    Section("calls", gettext_lazy("Calls"), frozenset({"calling.Call"}), _calls),
    Section("recruiting", gettext_lazy("Recruiting link"), frozenset({"recruitment.RecruiterLink"}), _recruiting),
)
