"""What the inbox shows: what waits and what is dealt with, whom each is from, and the talk it is part of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Any, Final
from uuid import uuid4

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import listing
from common.phone import format_phone
from membership.access import BranchRequest
from membership.extensions import Text
from membership.models import Branch, Member
from membership.models.member import GONE
from messaging.actions.inbox import LONGEST_EMAIL, LONGEST_SMS, is_stopped
from messaging.enums import Channel, InboxState, TemplateKind
from messaging.message_words import format_moment, title_of
from messaging.models import Delivery, InboxMessage, MessageTemplate, settings_of
from messaging.models.contact import InboxQuerySet
from messaging.writing.segments import Segments, count

TAB: Final = "vis"
HANDLED: Final = "ferdig"
_TABS: Final[tuple[tuple[str, Text], ...]] = (
    ("", gettext_lazy("To be answered")),
    (HANDLED, gettext_lazy("Dealt with")),
)
_EXCERPT: Final = 160
# So many of a talk's earlier messages; who wants more has the member's page.
_EARLIER: Final = 10
_ICONS: Final = {Channel.EMAIL: "EnvelopeClosed", Channel.SMS: "Mobile", Channel.LETTER: "EnvelopeOpen"}
_TONES: Final = {
    InboxState.OPEN: "warning",
    InboxState.ANSWERED: "success",
    InboxState.CLOSED: "neutral",
    InboxState.AUTOMATIC: "info",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One message in the list."""

    pk: int
    who: str
    icon: str
    subject: str
    excerpt: str
    place: str
    when: str
    state: Text
    tone: str


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said in a talk: by the member, or by us."""

    by: str
    when: str
    text: str
    at: datetime
    ours: bool
    # A message of ours to many, seen by its name.
    title: str = ""
    subject: str = ""


def inbox_of(branch: Branch) -> InboxQuerySet:
    """What came to the branch and those under it, with all that a row prints."""
    found = InboxMessage.objects.of(branch).select_related("branch", "member", "handled_by", "forwarded_from")
    return found.prefetch_related("candidates")


def list_page(request: BranchRequest) -> dict[str, Any]:
    """Everything the page prints; the queries are the same for one row and for fifty."""
    tab = HANDLED if request.GET.get(TAB) == HANDLED else ""
    found = inbox_of(request.branch)
    rows = found.exclude(state=InboxState.OPEN) if tab else found.open()
    # What has waited longest is answered first.
    ordered = rows.newest_first() if tab else rows.order_by("received_at", "id")
    page = listing.fetch_page(ordered, listing.page_number(request.GET))
    return {
        "page": "meldinger",
        "listing": page,
        "query": listing.kept(request.GET),
        "rows": [_row(message, request) for message in page.rows],
        "tab": tab,
        "tabs": [
            {"url": f"?{TAB}={key}" if key else "?", "label": label, "current": key == tab} for key, label in _TABS
        ],
    }


def _row(message: InboxMessage, request: BranchRequest) -> Row:
    return Row(
        message.pk,
        who_of(message),
        _ICONS[Channel(message.channel)],
        message.subject,
        shorten(message.text, _EXCERPT, placeholder=" …"),
        message.branch.name if message.branch_id != request.branch.pk else "",
        format_moment(message.received_at, year=request.today.year),
        InboxState(message.state).label,
        _TONES[InboxState(message.state)],
    )


def who_of(message: InboxMessage) -> str:
    """The member's name; “Ragna or Odd?” where it may be either; the address of others, and of whoever has left."""
    if message.member and message.member.status not in GONE:
        return message.member.full_name or message.member.member_number
    names = [one.first_name or one.member_number for one in candidates_of(message)]
    if len(names) > 1:
        return _("%(names)s?") % {"names": _(" or ").join([", ".join(names[:-1]), names[-1]])}
    return shown_address(message)


def candidates_of(message: InboxMessage) -> list[Member]:
    """Those whom it may be from and who have not left, in order."""
    return sorted(
        (one for one in message.candidates.all() if one.status not in GONE), key=lambda one: (one.sort_key, one.pk)
    )


def shown_address(message: InboxMessage) -> str:
    """An email address, or a number as people write it."""
    is_number = message.channel == Channel.SMS and message.address.startswith("+")
    return format_phone(message.address) if is_number else message.address


@dataclass(frozen=True, slots=True)
class Answering:
    """The form as it stands: what is typed, and what was wrong with it."""

    text: str = ""
    error: str = ""


def detail_page(request: BranchRequest, message: InboxMessage, form: Answering | None = None) -> dict[str, Any]:
    """One message, the talk it is part of, and what can be done with it."""
    form = form or Answering()
    replies = list(message.replies.select_related("by").order_by("at", "id"))
    county = Branch.objects.under(Branch(pk=message.county_id, kind="county")).in_force(request.today)
    here = request.branch.pk
    member = message.member
    return {
        "page": "meldinger",
        "message": message,
        "who": who_of(message),
        "address": shown_address(message),
        "channel": Channel(message.channel),
        "state": InboxState(message.state).label,
        "tone": _TONES[InboxState(message.state)],
        "is_open": message.state == InboxState.OPEN,
        "member": member if member and _is_shown(member, here) else None,
        "candidates": [(one, one == member) for one in candidates_of(message)],
        "talk": _talk(request, message),
        "stopped": is_stopped(message),
        "saved": _saved(request.branch),
        "form": form,
        "form_token": uuid4(),
        "seen": len(replies),
        "branches": [one for one in county.in_order() if one.pk != message.branch_id],
        **count_part(request, message, form.text),
    }


def _is_shown(member: Member, branch_id: int) -> bool:
    return member.status not in GONE and branch_id in (member.branch_id, member.municipal_id, member.county_id)


def count_part(request: BranchRequest, message: InboxMessage, text: str) -> dict[str, Any]:
    """Of an SMS how many parts the answer has, and what it costs; an email costs nothing."""
    if message.channel != Channel.SMS:
        return {"segments": None, "cost_ore": 0, "longest": LONGEST_EMAIL, "message": message}
    segments: Segments = count(text)
    price = settings_of(message.branch).sms_price_ore
    return {"segments": segments, "cost_ore": segments.parts * price, "longest": LONGEST_SMS, "message": message}


def _talk(request: BranchRequest, message: InboxMessage) -> list[Said]:
    """What was said by and to the same address, the oldest first, of what came to branches that one sees."""
    same = inbox_of(request.branch).filter(channel=message.channel, address=message.address)
    earlier = same.filter(Q(received_at__lte=message.received_at)).newest_first().prefetch_related("replies__by")
    found = list(earlier.select_related("answers_to__message")[: _EARLIER + 1])
    said = [*_answered(found, request), *_said(found, request)]
    return sorted(said, key=lambda one: one.at)


def _said(found: Sequence[InboxMessage], request: BranchRequest) -> Iterable[Said]:
    year = request.today.year
    for one in found:
        when = format_moment(one.received_at, year=year)
        yield Said(who_of(one), when, one.text, one.received_at, ours=False, subject=one.subject)
        for reply in one.replies.all():
            # Never above what it answers, whatever the demo's day is.
            at = max(reply.at, one.received_at)
            yield Said(reply.by.name, format_moment(reply.at, year=year), reply.text, at, ours=True)


def _answered(found: Sequence[InboxMessage], request: BranchRequest) -> Iterable[Said]:
    """Messages to many that were answered, each once: by their name alone."""
    seen = set()
    for one in found:
        delivery: Delivery | None = one.answers_to
        if delivery is None or delivery.message is None or delivery.message_id in seen:
            continue
        seen.add(delivery.message_id)
        at = delivery.sent_at or delivery.created_at
        when = format_moment(at, year=request.today.year)
        yield Said(request.branch.name, when, "", at, ours=True, title=title_of(delivery.message))


def _saved(branch: Branch) -> list[MessageTemplate]:
    texts = MessageTemplate.objects.seen_from(branch).filter(kind=TemplateKind.REPLY)
    return list(texts.order_by("name", "id"))


def saved_text(branch: Branch, pk: str, channel: str) -> str:
    """The text of a saved answer; empty for what is none of the branch's."""
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return ""
    found = MessageTemplate.objects.seen_from(branch).filter(kind=TemplateKind.REPLY, pk=int(pk)).first()
    if found is None:
        return ""
    return (found.sms or found.body) if channel == Channel.SMS else (found.body or found.sms)
