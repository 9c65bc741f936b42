"""Who a message went to, and who not: named where the register would name them, else counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, F, Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import listing
from membership.access import BranchRequest
from membership.enums import AddressProtection
from membership.extensions import Text
from membership.models import Branch
from membership.models.member import GONE
from membership.roles import Permission
from messaging.enums import Channel, DeliveryState, Reason
from messaging.message_page import REASON, STATE
from messaging.models import Message, Recipient

_WAITING: Final = Q(delivery__state__in=[DeliveryState.QUEUED, DeliveryState.SENDING]) | Q(delivery=None)
_LETTER: Final = Q(channel=Channel.LETTER)
# What the address calls a state → what it is in the table, and on the tab.
STATES: Final[Mapping[str, tuple[Q, Text]]] = {
    "sendt": (Q(delivery__state=DeliveryState.SENT), gettext_lazy("Have been sent it")),
    "venter": (_WAITING & ~_LETTER & Q(left_out=""), gettext_lazy("Wait for their turn")),
    "feilet": (Q(delivery__state=DeliveryState.FAILED), gettext_lazy("Could not be sent it")),
    "retur": (Q(delivery__state=DeliveryState.BOUNCED), gettext_lazy("Came back")),
    "ukjent": (Q(delivery__state=DeliveryState.UNKNOWN), gettext_lazy("May or may not have got it")),
    "stanset": (Q(delivery__state=DeliveryState.CANCELLED), gettext_lazy("Cancelled")),
    "brev": (_LETTER & Q(posted_at=None), gettext_lazy("Get a letter")),
    "postet": (_LETTER & Q(posted_at__isnull=False), gettext_lazy("Letter in the post")),
    "ikke": (~Q(left_out=""), gettext_lazy("Do not get it")),
}
TONES: Final[Mapping[str, str]] = {
    DeliveryState.SENT: "success",
    DeliveryState.FAILED: "danger",
    DeliveryState.BOUNCED: "danger",
    DeliveryState.UNKNOWN: "warning",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One person. `address` is told where something is wrong with it; `unknown` where somebody must decide."""

    recipient: Recipient
    name: str
    place: str
    word: Text
    tone: str
    channel: Text
    address: str
    unknown: bool


def recipients_page(request: BranchRequest, message: Message) -> dict[str, Any]:
    """Everything the page prints; the queries are the same for one row and for fifty."""
    branch = request.branch
    state, reason = _asked(request.GET)
    everyone = Recipient.objects.filter(message=message)
    found = everyone.filter(STATES[state][0]) if state else everyone
    if reason:
        found = found.filter(left_out=reason)
    shown = found.filter(_named(branch)).select_related("member__branch", "user", "delivery")
    page = listing.fetch_page(
        shown.order_by(F("member__sort_key").asc(nulls_last=True), "user__name", "id"),
        listing.page_number(request.GET),
    )
    may_send = Permission.SEND_MESSAGES in request.access
    return {
        "page": "meldinger",
        "message": message,
        "listing": page,
        "rows": [_row(recipient, branch) for recipient in page.rows],
        "tabs": list(_tabs(everyone, state, reason)),
        "heading": _heading(state, reason),
        "not_named": _not_named(found, branch),
        "query": listing.kept(request.GET),
        "unknown": state == "ukjent" and may_send,
        "may_decide": may_send,
    }


def _asked(params: QueryDict) -> tuple[str, str]:
    """The state and the reason in the address; empty for anything that is none."""
    state, reason = params.get(STATE, ""), params.get(REASON, "")
    return state if state in STATES else "", reason if reason in Reason.values and reason else ""


def _named(branch: Branch) -> Q:
    """Officers, and members as the register has them now: not who has moved away or left, nor the strict."""
    shown = _shown(branch) & ~Q(member__address_protection=AddressProtection.STRICT)
    return Q(user__isnull=False) | shown


def _shown(branch: Branch) -> Q:
    return Q(**branch.scope_of("member__")) & ~Q(member__status__in=GONE)


def _not_named(found: Any, branch: Branch) -> dict[str, int]:
    """How many stand on no line: the strictly protected, and those who belong elsewhere now, or have left."""
    strict = Q(member__address_protection=AddressProtection.STRICT)
    away = Q(member__isnull=False) & ~_shown(branch)
    counted: dict[str, int] = found.order_by().aggregate(
        strict=Count("pk", filter=strict), away=Count("pk", filter=away & ~strict)
    )
    return counted


def _heading(state: str, reason: str) -> Text:
    if reason:
        return _("Do not get it: %(reason)s") % {"reason": Reason(reason).label}
    return STATES[state][1] if state else _("All")


def _tabs(everyone: Any, state: str, reason: str) -> Iterator[dict[str, Any]]:
    """Each state there is somebody in."""
    counts = everyone.order_by().aggregate(
        alle=Count("pk"), **{key: Count("pk", filter=condition) for key, (condition, _label) in STATES.items()}
    )
    yield {"url": "?", "label": _("All"), "count": counts["alle"], "current": not state and not reason}
    for key, (_condition, label) in STATES.items():
        current = key == state or (key == "ikke" and bool(reason))
        if counts[key] or current:
            yield {"url": f"?{STATE}={key}", "label": label, "count": counts[key], "current": current}


def _row(recipient: Recipient, branch: Branch) -> Row:
    member, user, delivery = recipient.member, recipient.user, recipient.delivery
    word, tone = word_for(recipient)
    state = delivery.state if delivery else ""
    trouble = delivery is not None and state in {DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.UNKNOWN}
    return Row(
        recipient,
        (member.list_name or member.member_number) if member else user.name if user else "",
        member.branch.place if member and member.branch_id != branch.pk else "",
        word,
        tone,
        Channel(recipient.channel).label if recipient.channel else "",
        delivery.address if delivery and trouble else "",
        state == DeliveryState.UNKNOWN,
    )


def word_for(recipient: Recipient) -> tuple[Text, str]:
    """What became of it for one person, in words, and a tone."""
    if recipient.left_out:
        reason = Reason(recipient.left_out).label if recipient.left_out in Reason.values else recipient.left_out
        return _("Did not get it: %(reason)s") % {"reason": reason}, "neutral"
    if recipient.channel == Channel.LETTER:
        return (_("Letter posted"), "success") if recipient.posted_at else (_("Letter to be posted"), "neutral")
    if recipient.delivery is None:
        return DeliveryState.QUEUED.label, "neutral"
    state = DeliveryState(recipient.delivery.state)
    return state.label, TONES.get(state, "neutral")
