"""How many get a message, by which channel, and who does not and why: counted by the database, in one query."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import Any, Final

from django.core.cache import cache
from django.db.models import Case, CharField, Count, F, Q, Value, When
from django.db.models.functions import Cast, Concat, Length

from accounts.models import User
from membership.enums import BranchKind
from membership.models import Branch, Member, MemberQuerySet
from messaging.audience.members import is_officers, members_of, users_of
from messaging.contact import blocks_of, with_addresses, with_reason
from messaging.enums import BlockReason, Channel, Purpose, Reason, Way

# Which channels a way tries, in order.
CHANNELS: Final[Mapping[str, tuple[Channel, ...]]] = {
    Way.EMAIL: (Channel.EMAIL,),
    Way.SMS: (Channel.SMS,),
    Way.BOTH: (Channel.EMAIL, Channel.SMS),
}
_KEYS: Final = {Channel.EMAIL: "email_key", Channel.SMS: "sms_key"}
REMEMBERED_OVER: Final = 2_500
REMEMBERED_SECONDS: Final = 60
# Of so many with the longest names, one is reached as a rule; of so many branches, one has somebody.
_LONGEST: Final = 60
_LONGEST_PLACES: Final = 3
_SAID_NO: Final = {BlockReason.STOPP.value, BlockReason.COMPLAINT.value}


@dataclass(frozen=True, slots=True)
class Plan:
    """`by_channel` counts people, `addresses` what goes out: fewer where several share a copy. `left_out` gets none."""

    by_channel: Mapping[Channel, int] = field(default_factory=dict)
    addresses: Mapping[Channel, int] = field(default_factory=dict)
    left_out: Mapping[Reason, int] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """How many get it, by whatever channel."""
        return sum(self.by_channel.values())

    @property
    def deliveries(self) -> int:
        """How many emails and SMS go out."""
        return sum(self.addresses.values())

    @property
    def letters(self) -> int:
        """How many letters are to be printed."""
        return self.by_channel.get(Channel.LETTER, 0)

    @property
    def shared(self) -> int:
        """How many share another's copy: they get it, and nothing goes out for them alone."""
        return self.people - self.letters - self.deliveries

    @property
    def excluded(self) -> int:
        """How many get nothing."""
        return sum(self.left_out.values())


def plan_of(
    branch: Branch,
    audience: Mapping[str, Any],
    *,
    way: str,
    with_letters: bool,
    purpose: str,
    is_personal: bool,
    today: date,
    same_branch: bool = False,
    members: MemberQuerySet | None = None,
) -> Plan:
    """Who gets it if it were sent now. `same_branch`: the text names the branch, so only those of one share a copy.

    That of very many is remembered for a minute: looking at each of them takes half a second, and the page asks with
    every change. `members`: those of the audience, where somebody has found them already. Raises `NotAnAudience`.
    """
    asked = (way, with_letters, purpose, is_personal, same_branch, today)
    key = _cache_key(branch, audience, asked)
    if kept := cache.get(key):
        return _unpacked(kept)
    if is_officers(audience):
        return _plan_of_users(users_of(branch, audience, today), way)
    found = members_of(branch, audience, today) if members is None else members
    reached = with_outcome(found, way=way, with_letters=with_letters, purpose=purpose, on=today)
    plan = _counted(reached, is_personal=is_personal, same_branch=same_branch)
    if plan.people + plan.excluded > REMEMBERED_OVER:
        cache.set(key, _packed(plan), REMEMBERED_SECONDS)
    return plan


def _cache_key(branch: Branch, audience: Mapping[str, Any], asked: Sequence[object]) -> str:
    said = json.dumps([audience, *map(str, asked)], sort_keys=True)
    return f"messaging:plan:{branch.pk}:{blake2b(said.encode(), digest_size=16).hexdigest()}"


def _packed(plan: Plan) -> list[dict[str, int]]:
    """As JSON, which is all that the cache holds."""
    return [{key.value: n for key, n in part.items()} for part in (plan.by_channel, plan.addresses, plan.left_out)]


def _unpacked(kept: Sequence[Mapping[str, int]]) -> Plan:
    by_channel, addresses, left_out = kept
    return Plan(
        {Channel(key): n for key, n in by_channel.items()},
        {Channel(key): n for key, n in addresses.items()},
        {Reason(key): n for key, n in left_out.items()},
    )


def _counted(reached: Any, *, is_personal: bool, same_branch: bool) -> Plan:
    by_branch = same_branch and not is_personal
    if by_branch:
        reached = reached.annotate(copy=Concat("goes_to", Value(" "), Cast("branch_id", CharField())))
    # One group for each channel and reason, and as many numbers in it.
    rows = (
        reached.order_by()
        .values_list("goes_by", "left_why")
        .annotate(n=Count("pk"), copies=Count("copy" if by_branch else "goes_to", distinct=True))
    )
    by_channel: Counter[Channel] = Counter()
    addresses: Counter[Channel] = Counter()
    left_out: Counter[Reason] = Counter()
    for channel, why, count, copies in rows:
        if channel:
            by_channel[Channel(channel)] += count
        else:
            left_out[Reason(why)] += count
        if channel and channel != Channel.LETTER:
            addresses[Channel(channel)] += count if is_personal else copies
    return Plan(by_channel, addresses, _in_order(left_out))


def _in_order(left_out: Mapping[Reason, int]) -> dict[Reason, int]:
    return {reason: left_out[reason] for reason in Reason if left_out.get(reason)}


def with_outcome(members: MemberQuerySet, *, way: str, with_letters: bool, purpose: str, on: date) -> Any:
    """The members with `goes_by` (a channel, or empty), `goes_to` (the address; empty for a letter) and `left_why`.

    Why not, is said of the channel that would have been used: of email where there is an address, else of SMS.
    """
    channels = CHANNELS[way]
    asked = (*channels, *([Channel.LETTER] if with_letters else []))
    found: Any = with_addresses(members)
    for channel in asked:
        found = with_reason(found, channel, Purpose(purpose), on=on, name=f"{channel.value}_why")
    reached = [When(Q(**{f"{channel.value}_why": ""}), then=Value(channel.value)) for channel in asked]
    found = found.annotate(goes_by=Case(*reached, default=Value(""), output_field=CharField()))
    ways = [When(goes_by=channel.value, then=F(_KEYS[channel])) for channel in channels]
    why: Any = F(f"{channels[0].value}_why")
    if way == Way.BOTH:
        why = Case(When(email_why=Reason.NO_ADDRESS.value, then=F("sms_why")), default=why, output_field=CharField())
    return found.annotate(
        goes_to=Case(*ways, default=Value(""), output_field=CharField()),
        left_why=Case(When(goes_by="", then=why), default=Value(""), output_field=CharField()),
    )


def left_out_members(
    branch: Branch,
    audience: Mapping[str, Any],
    *,
    reason: str,
    way: str,
    with_letters: bool,
    purpose: str,
    today: date,
) -> MemberQuerySet:
    """Those whom one reason keeps from getting it; for `Reason.SHARED` those who share an address with another.

    Whether one may see who is shielded is the page's to ask (`OPEN_PROTECTED`): else it shows the count alone.
    """
    found = with_outcome(
        members_of(branch, audience, today), way=way, with_letters=with_letters, purpose=purpose, on=today
    )
    if reason != Reason.SHARED:
        kept: MemberQuerySet = found.filter(goes_by="", left_why=reason)
        return kept
    reached = found.exclude(goes_to="")
    several = reached.order_by().values("goes_to").annotate(n=Count("pk")).filter(n__gt=1)
    # Read first: as a question within the question it is asked anew for the page of a list.
    sharing: MemberQuerySet = reached.filter(goes_to__in=list(several.values_list("goes_to", flat=True)))
    return sharing


def sample(
    branch: Branch,
    audience: Mapping[str, Any],
    *,
    way: str,
    with_letters: bool,
    purpose: str,
    today: date,
    limit: int = 5,
) -> list[Member]:
    """A few of those who get it, to preview as: the longest name first, then the longest first name and branch name,
    then the first of the list. Their branch comes along."""
    members = members_of(branch, audience, today)
    people: dict[int, Member] = {}
    for order in (Length("first_name") + Length("last_name"), Length("first_name")):
        # The longest of all are a cheap list; who of them is reached is asked of those few.
        longest = members.order_by(order.desc(), "pk").values_list("pk", flat=True)[:_LONGEST]
        reached = with_outcome(
            Member.objects.filter(pk__in=list(longest)),
            way=way,
            with_letters=with_letters,
            purpose=purpose,
            on=today,
        ).exclude(goes_by="")
        people |= {member.pk: member for member in reached.select_related("branch").order_by(order.desc(), "pk")[:1]}
    found = with_outcome(members, way=way, with_letters=with_letters, purpose=purpose, on=today)
    reached = found.exclude(goes_by="").select_related("branch")
    if branch.kind != BranchKind.LOCAL and len(people) < limit:
        places = branch.subtree.order_by(Length("name").desc(), "pk").values_list("pk", flat=True)[:_LONGEST_PLACES]
        there = reached.filter(branch_id__in=list(places)).order_by(Length("branch__name").desc(), "pk")
        people |= {member.pk: member for member in there[:1]}
    for member in reached.in_order()[:limit]:
        people.setdefault(member.pk, member)
    return list(people.values())[:limit]


# --- Officers ---------------------------------------------------------------------------------------------------------


def outcomes_of_users(users: Sequence[User], way: str) -> dict[int, tuple[str, str, Reason]]:
    """For each officer the channel, the address, and why not. They have no reservations, but addresses that fail."""
    pairs = {user.pk: [(channel, address_of_user(user, channel)) for channel in CHANNELS[way]] for user in users}
    blocks = blocks_of([(channel.value, address) for tried in pairs.values() for channel, address in tried])
    return {pk: _outcome(tried, blocks) for pk, tried in pairs.items()}


def _outcome(
    tried: Sequence[tuple[Channel, str]], blocks: Mapping[tuple[str, str], set[str]]
) -> tuple[str, str, Reason]:
    why = Reason.NO_ADDRESS
    for channel, address in tried:
        reasons = blocks.get((channel.value, address), set())
        if address and not reasons:
            return channel.value, address, Reason.NONE
        if reasons:
            why = Reason.STOPPED if reasons & _SAID_NO else Reason.WRONG
    return "", "", why


def address_of_user(user: User, channel: str) -> str:
    """Where one channel leads for somebody who signs in here."""
    return (user.email or "").strip().lower() if channel == Channel.EMAIL else (user.phone or "")


def _plan_of_users(users: Sequence[User], way: str) -> Plan:
    outcomes = outcomes_of_users(users, way).values()
    reached = Counter(Channel(channel) for channel, _address, _why in outcomes if channel)
    return Plan(reached, dict(reached), _in_order(Counter(why for channel, _address, why in outcomes if not channel)))
