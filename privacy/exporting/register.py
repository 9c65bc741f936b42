"""What the register keeps of a member: the record, where one has belonged, what was changed, and what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from membership.changes import ADDRESS, SECRET, label_of, shown
from membership.models import BoardPost, Member, MemberChange, Merge, MoveRequest
from membership.timeline import Words
from privacy.exporting.values import Item, Record, Section

# Columns of the record that are given as they stand.
GIVEN: Final = (
    *("member_number", "number_is_local", "first_name", "last_name", "birth_on", "birth_year", "gender", "language"),
    *("care_of", "street", "postal_code", "city", "address_protection"),
    *("email", "email_bounced_on", "mobile", "mobile_ok", "phone", "phone_ok"),
    *("status", "category", "joined_on", "left_on", "source", "skills"),
    *("no_email", "no_sms", "no_phone", "no_post", "no_newsletter", "no_meetings", "no_surveys", "no_recruitment"),
    *("fundraising_consent_on", "guardian_name", "guardian_consent_on", "checked_on", "note"),
    *("created_at", "updated_at"),
)
# Given otherwise: by name, or only that there is something.
SAID: Final = frozenset({"branch", "municipal", "county", "recruited_by", "recruited_by_text", "created_in"})
# Made from the others for sorting, searching and finding households; they say nothing more.
MADE_FROM_OTHERS: Final = frozenset({"sort_key", "search_text", "household_key"})
_LABELS: Final = {
    "mobile_ok": gettext_lazy("Mobile can be dialled"),
    "phone_ok": gettext_lazy("Other phone can be dialled"),
    "number_is_local": gettext_lazy("The number was given here"),
    "created_at": gettext_lazy("Registered here"),
    "updated_at": gettext_lazy("Last changed"),
}
_MOMENTS: Final = frozenset({"created_at", "updated_at"})
# What is kept of these is about somebody else, or not kept.
_UNTOLD: Final = frozenset({"recruited_by_id", "recruited_by_text", "note", "created_in", *SECRET})


def _person(member: Member) -> Sequence[Record]:
    record = [_column(member, name) for name in GIVEN]
    record += [
        Item("branch", _("Branch"), member.branch.name),
        Item("municipal", _("Municipal branch"), member.municipal.name if member.municipal else None),
        Item("county", _("County party"), member.county.name),
        # Who it was is somebody else's.
        Item("was_recruited", _("Recruited by somebody"), bool(member.recruited_by_id or member.recruited_by_text)),
        Item("came_by_import", _("Came in with a file"), member.created_in_id is not None),
        Item("has_recruited", _("Has recruited so many"), Member.objects.filter(recruited_by=member).count()),
    ]
    return [record]


def _label(name: str) -> str:
    return capfirst(str(_LABELS.get(name) or label_of(name)))


def _protected(name: str, *, hidden: bool) -> Item:
    """That there is something: neither which kind of protection, nor what it keeps from whoever reads one's mail."""
    return Item(name, _label(name), hidden, _("Protected") if hidden else "")


def _column(member: Member, name: str) -> Item:
    field = Member._meta.get_field(name)
    value = getattr(member, name)
    if name in SECRET or (name in ADDRESS and value and member.address_hidden):
        return _protected(name, hidden=member.address_hidden)
    has_words = isinstance(field, models.Field) and field.choices and value
    said = getattr(member, f"get_{name}_display")() if has_words else ""
    return Item(name, _label(name), value, said)


def _groups(member: Member) -> Sequence[Record]:
    return [[Item("name", _("Group"), tag.name)] for tag in member.tags.order_by("name", "id")]


def _placements(member: Member) -> Sequence[Record]:
    rows = member.placements.select_related("branch").order_by("from_on", "id")
    return [
        [
            Item("branch", _("Branch"), row.branch.name),
            Item("from_on", _("From"), row.from_on),
            Item("to_on", _("To"), row.to_on),
        ]
        for row in rows
    ]


def _posts(member: Member) -> Sequence[Record]:
    rows = BoardPost.objects.filter(member=member).select_related("branch").order_by("starts_on", "id")
    return [
        [
            Item("branch", _("Branch"), row.branch.name),
            Item("title", _("Post"), row.title, row.get_title_display()),
            Item("from_on", _("From"), row.starts_on),
            Item("to_on", _("To"), row.ends_on),
        ]
        for row in rows
    ]


def _changes(member: Member) -> Sequence[Record]:
    rows = list(MemberChange.objects.of([member.pk]).in_order())
    words = Words.of(rows, member)
    untold = _UNTOLD | (ADDRESS if member.address_hidden else frozenset())
    return [_change(row, words, told=row.field not in untold) for row in rows]


def _change(row: MemberChange, words: Words, *, told: bool) -> Record:
    return [
        Item("at", _("When"), row.at),
        Item("field", _("What"), row.field, label_of(row.field)),
        Item("before", _("Before"), words.value(row.field, row.before) if told else None),
        Item("after", _("After"), words.value(row.field, row.after) if told else None),
        Item("source", _("How"), row.source, row.get_source_display()),
    ]


def _numbers(member: Member) -> Sequence[Record]:
    rows = member.former_numbers.order_by("id").values_list("number", flat=True)
    return [[Item("number", _("Former member number"), number)] for number in rows]


def _merges(member: Member) -> Sequence[Record]:
    """The record that was folded into this one, as it was: kept as long as that can be undone."""
    rows = Merge.objects.filter(kept=member).select_related("batch").order_by("pk")
    return [
        [Item("at", _("When"), row.batch.at), *_folded(row.lost.get("row") or {}, hidden=member.address_hidden)]
        for row in rows
    ]


def _folded(row: Mapping[str, Any], *, hidden: bool) -> list[Item]:
    hides = hidden or any(row.get(name) for name in SECRET)
    return [
        _protected(name, hidden=hides) if name in SECRET or (name in ADDRESS and hides) else _was(name, row[name])
        for name in GIVEN
        if row.get(name) not in (None, "")
    ]


def _was(name: str, value: Any) -> Item:
    if name in _MOMENTS:
        return Item(name, _label(name), datetime.fromisoformat(value))
    words = shown(name, value)
    # What was written stands as it was written: only codes, days and numbers have other words.
    return Item(name, _label(name), value, words if words != str(value) else "")


def _moves(member: Member) -> Sequence[Record]:
    rows = MoveRequest.objects.filter(member=member).select_related("from_branch", "to_branch").order_by("id")
    return [
        [
            Item("asked_at", _("When"), row.asked_at),
            Item("from_branch", _("From"), row.from_branch.name),
            Item("to_branch", _("To"), row.to_branch.name),
            Item("by_member", _("You asked yourself"), row.by_member),
            Item("state", _("Answer"), row.state, row.get_state_display()),
            Item("answered_at", _("Answered"), row.answered_at),
            Item("reason", _("Reason"), row.reason),
        ]
        for row in rows
    ]


SECTIONS: Final = (
    Section("person", gettext_lazy("You"), frozenset({"membership.Member"}), _person),
    Section("groups", gettext_lazy("Groups"), frozenset({"membership.Member_tags"}), _groups),
    Section("placements", gettext_lazy("Where you have belonged"), frozenset({"membership.Placement"}), _placements),
    Section("posts", gettext_lazy("Posts"), frozenset({"membership.BoardPost"}), _posts),
    Section("changes", gettext_lazy("What has been changed"), frozenset({"membership.MemberChange"}), _changes),
    Section("former_numbers", gettext_lazy("Former member numbers"), frozenset({"membership.FormerNumber"}), _numbers),
    Section("merges", gettext_lazy("Records made one"), frozenset({"membership.Merge"}), _merges),
    Section("moves", gettext_lazy("Requests to move"), frozenset({"membership.MoveRequest"}), _moves),
)
