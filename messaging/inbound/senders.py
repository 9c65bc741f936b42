"""Who may have sent what came in, what it answers, and which branch it is for. Nobody is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models.functions import Lower

from common.phone import parse_phone
from membership.models import Branch, Member
from messaging.enums import Channel, DeliveryState
from messaging.models import Delivery
from messaging.outbox.keys import AUTOMATIC

_E164: Final = re.compile(r"\+[1-9][0-9]{5,14}", re.ASCII)
_NOT_OUT: Final = (DeliveryState.QUEUED, DeliveryState.CANCELLED, DeliveryState.FAILED)


@dataclass(frozen=True, slots=True)
class Sender:
    """Where it came from. `members`: the current members with that address, in order, of one county only.

    `is_shared`: several have it, in this county or elsewhere.
    """

    members: list[Member]
    branch: Branch
    is_shared: bool = False

    @property
    def member(self) -> Member | None:
        """The one who sent it, where it can be only one."""
        return self.members[0] if self.members and not self.is_shared else None


def address_key(channel: str, raw: str) -> str:
    """An address as deliveries have it: in lower case, or E.164. What cannot be read stays as it came, shortened."""
    if channel != Channel.SMS:
        return raw.strip().lower()[:254]
    digits = raw.strip()
    # Gateways write a number without its plus.
    tried = [digits, f"+{digits}"] if digits.isascii() and digits.isdigit() else [digits]
    found = (parse_phone(one).e164 for one in tried)
    return next((number for number in found if number), digits[:40])


def is_number(address: str) -> bool:
    """Whether an SMS can be sent back."""
    return bool(_E164.fullmatch(address))


def members_with(channel: str, address: str) -> list[Member]:
    """The current members who have an address, in every county; a number also where it is their other telephone."""
    # By the indexes of each county; where an index leaves out the empty, the query must say so too.
    members = Member.objects.current().filter(county_id__in=Branch.objects.counties().values("pk"))
    if channel == Channel.EMAIL:
        found = [members.alias(email_key=Lower("email")).filter(email_key=address)]
    else:
        found = [members.filter(mobile=address).exclude(mobile=""), members.filter(phone=address).exclude(phone="")]
    by_id = {m.pk: m for rows in found for m in rows.select_related("branch", "county", "municipal").order_by("pk")}
    return [by_id[pk] for pk in sorted(by_id)]


def latest_to(channel: str, address: str) -> Delivery | None:
    """The last thing sent to an address: what an answer is an answer to."""
    sent = Delivery.objects.filter(channel=channel, address=address).exclude(state__in=_NOT_OUT)
    # Nobody answers what we say by ourselves.
    sent = sent.exclude(key__startswith=AUTOMATIC).select_related("message__branch", "branch")
    return sent.order_by("-created_at", "-pk").first()


def by_provider(provider_id: str) -> Delivery | None:
    """The SMS that a gateway knows under an id."""
    if not provider_id:
        return None
    rows = Delivery.objects.filter(provider_id=provider_id[:120]).exclude(provider_id="").filter(channel=Channel.SMS)
    return rows.select_related("message__branch", "branch").order_by("-created_at", "-pk").first()


def sender_of(channel: str, address: str, answers_to: Delivery | None, *, on: date) -> Sender:
    """Of several members the branch is that of the message they answer where it is over them all, else their common
    one. Of nobody we know it is the county of what was answered, else the first county."""
    members = members_with(channel, address)
    if len(members) == 1:
        return Sender(members, members[0].branch)
    asked = branch_of(answers_to)
    if not members:
        return Sender([], _county_for(asked, on))
    county_id = asked.root_id if asked and any(m.county_id == asked.root_id for m in members) else members[0].county_id
    # Whoever reads one county's inbox is not told who is a member in another.
    near = [member for member in members if member.county_id == county_id]
    branch = asked if asked and all(_is_over(asked, member) for member in near) else _common(near)
    return Sender(near, branch, is_shared=True)


def branch_of(delivery: Delivery | None) -> Branch | None:
    """Whose message it was; None for one of the house's own."""
    if delivery is None:
        return None
    return delivery.message.branch if delivery.message else delivery.branch


def _is_over(branch: Branch, member: Member) -> bool:
    return branch.pk in {member.branch_id, member.municipal_id, member.county_id}


def _common(members: list[Member]) -> Branch:
    """The lowest branch that all of them, of one county, are in or under."""
    first = members[0]
    for branch in (first.branch, first.municipal):
        if branch is not None and all(_is_over(branch, member) for member in members):
            return branch
    return first.county


def _county_for(asked: Branch | None, on: date) -> Branch:
    counties = Branch.objects.counties()
    found = counties.filter(pk=asked.root_id).first() if asked else None
    return found or counties.in_force(on).order_by("pk").first() or counties.earliest("pk")
