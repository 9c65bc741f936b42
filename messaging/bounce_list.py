"""Whom mail or SMS does not reach any more: why, since when, and the number to call to put it right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db.models import Q
from django.db.models.functions import Lower, Trim
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import listing
from common.phone import format_phone
from membership.access import BranchRequest
from membership.enums import AddressProtection
from membership.extensions import Text
from membership.models import Branch, Member, MemberQuerySet
from membership.roles import Permission
from membership.tree import tree_of
from messaging.actions.blocks import SAID_NO
from messaging.contact import PHONE, blocks_for, may_contact, with_addresses
from messaging.enums import BlockReason, Channel, Purpose, Reason
from messaging.models import BlockedAddress

_WHY: Final[dict[tuple[str, str], Text]] = {
    (Channel.EMAIL, BlockReason.HARD): gettext_lazy("The email address does not exist"),
    (Channel.EMAIL, BlockReason.SOFT): gettext_lazy("Email has come back three times: the mailbox may be full"),
    (Channel.EMAIL, BlockReason.WRONG): gettext_lazy("The email address is somebody else's"),
    (Channel.EMAIL, BlockReason.COMPLAINT): gettext_lazy("Has called our email spam: gets only what we must send"),
    (Channel.EMAIL, BlockReason.STOPP): gettext_lazy("Has answered STOPP to email"),
    (Channel.SMS, BlockReason.HARD): gettext_lazy("The number takes no SMS"),
    (Channel.SMS, BlockReason.SOFT): gettext_lazy("SMS have failed three times"),
    (Channel.SMS, BlockReason.WRONG): gettext_lazy("The number is somebody else's: no SMS and no calls"),
    (Channel.SMS, BlockReason.COMPLAINT): gettext_lazy("Has complained of SMS"),
    (Channel.SMS, BlockReason.STOPP): gettext_lazy("Has answered STOPP: gets no SMS"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one address. `pk` is of the block; 0 where an officer has marked it by hand."""

    why: Text
    address: str
    since: date
    pk: int
    said_no: bool


@dataclass(slots=True)
class Row:
    """One member. `phone` is empty where one must not call; `no_call` then says why."""

    pk: int
    name: str
    place: str
    phone: str = ""
    shown_phone: str = ""
    no_call: str = ""
    edit_url: str = ""
    problems: list[Problem] = field(default_factory=list)


def unreachable(branch: Branch) -> MemberQuerySet:
    """Current members whose email has come back, or with an address or a number that nothing goes to."""
    blocked = BlockedAddress.objects.in_force()
    emails = blocked.filter(channel=Channel.EMAIL).values("address")
    numbers = blocked.filter(channel=Channel.SMS).values("address")
    return with_addresses(branch.members.current()).filter(
        Q(email_bounced_on__isnull=False)
        | Q(email_key__in=emails)
        | Q(mobile_ok=True, mobile__in=numbers)
        | Q(phone_ok=True, phone__in=numbers)
    )


def bounce_page(request: BranchRequest) -> dict[str, Any]:
    """Everything the page prints; the queries are the same for one row and for fifty."""
    page = listing.fetch_page(unreachable(request.branch).in_order(), listing.page_number(request.GET))
    tree = tree_of(request.branch)
    return {
        "page": "meldinger",
        "listing": page,
        "query": listing.kept(request.GET),
        "rows": _rows(page.rows, request.branch, tree.places() if len(tree.nodes) > 1 else {}, request.today),
        "may_fix": Permission.EDIT_MEMBERS in request.access,
    }


def _rows(members: Sequence[Member], branch: Branch, places: dict[int, str], today: date) -> list[Row]:
    pairs = {pair for member in members for pair in _addresses_of(member)}
    blocked = _blocked(pairs)
    stopped = blocks_for(members, PHONE)
    rows = []
    for member in members:
        row = Row(
            member.pk,
            member.list_name or member.member_number,
            places.get(member.branch_id, ""),
            edit_url=reverse("membership:member_edit", args=[branch.slug, member.pk]),
            problems=_problems(member, blocked),
        )
        _tell_number(row, member, stopped, today)
        rows.append(row)
    return rows


def _addresses_of(member: Member) -> list[tuple[str, str]]:
    """Every (channel, address) of a member that may be blocked."""
    numbers = [(member.mobile, member.mobile_ok), (member.phone, member.phone_ok)]
    pairs = [(Channel.SMS.value, number) for number, can_be_dialled in numbers if number and can_be_dialled]
    email = member.email.strip().lower()
    return [(Channel.EMAIL.value, email), *pairs] if email else pairs


def _blocked(pairs: set[tuple[str, str]]) -> dict[tuple[str, str], list[BlockedAddress]]:
    found: dict[tuple[str, str], list[BlockedAddress]] = {}
    rows = BlockedAddress.objects.in_force().filter(address__in={address for _channel, address in pairs})
    for row in rows.order_by("blocked_at", "pk"):
        if (row.channel, row.address) in pairs:
            found.setdefault((row.channel, row.address), []).append(row)
    return found


def _problems(member: Member, blocked: dict[tuple[str, str], list[BlockedAddress]]) -> list[Problem]:
    hidden = member.address_protection == AddressProtection.STRICT
    found, email_is_told = [], False
    for pair in _addresses_of(member):
        for row in blocked.get(pair, []):
            shown = "" if hidden else _shown(row.channel, row.address)
            since = localtime(row.blocked_at or row.noted_at).date()
            found.append(Problem(_WHY[row.channel, row.reason], shown, since, row.pk, row.reason in SAID_NO))
            email_is_told |= row.channel == Channel.EMAIL and row.reason not in SAID_NO
    if member.email_bounced_on and not email_is_told:
        shown = "" if hidden else member.email
        found.insert(0, Problem(_("Email has come back"), shown, member.email_bounced_on, 0, said_no=False))
    return found


def _shown(channel: str, address: str) -> str:
    return address if channel == Channel.EMAIL else format_phone(address)


def _tell_number(row: Row, member: Member, stopped: Any, today: date) -> None:
    """The number to call, or why one does not: whoever is strictly protected is phoned from their own page alone."""
    number = member.call_number
    why = may_contact(member, PHONE, Purpose.SERVICE, on=today, blocks=stopped)
    if why == Reason.NONE and number:
        row.phone, row.shown_phone = number, format_phone(number)
    elif why == Reason.NO_CHANNEL:
        row.no_call = _("Does not want to be called")
    elif why == Reason.NO_ADDRESS:
        row.no_call = _("No number to call")


def reach_panel(member: Member, branch: Branch, _today: date) -> dict[str, Any]:
    """For the member's page: what is wrong with the addresses, and the numbers that can be told to be wrong."""
    blocked = _blocked(set(_addresses_of(member)))
    wrong = {
        address for (_channel, address), rows in blocked.items() for row in rows if row.reason == BlockReason.WRONG
    }
    hidden = member.address_protection == AddressProtection.STRICT
    numbers = [address for channel, address in _addresses_of(member) if channel == Channel.SMS]
    return {
        "problems": [one for one in _problems(member, blocked) if one.pk],
        "numbers": [(one, "" if hidden else format_phone(one)) for one in dict.fromkeys(numbers) if one not in wrong],
        "branch": branch,
    }


def block_in(branch: Branch, pk: int) -> BlockedAddress | None:
    """A block of an address that one of the branch's members has; None for every other."""
    row = BlockedAddress.objects.in_force().filter(pk=pk).first()
    if row is None:
        return None
    if row.channel == Channel.EMAIL:
        found = branch.members.alias(email_key=Lower(Trim("email"))).filter(email_key=row.address)
    else:
        number = Q(mobile_ok=True, mobile=row.address) | Q(phone_ok=True, phone=row.address)
        found = branch.members.filter(number)
    return row if found.exists() else None


def why_of(row: BlockedAddress) -> Text:
    """What is wrong with an address, as a sentence."""
    return _WHY[row.channel, row.reason]
