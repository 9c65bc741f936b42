"""Whether we may reach a member by a channel about something: the one place that knows, for email, SMS, letters, calls.

Said twice, in Python for one member and in SQL for a whole register; tests/messaging/test_contact.py holds the two
against each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Final

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Lower, Trim

from membership.enums import AddressProtection
from membership.models import ADULT, Member, MemberQuerySet, under_age
from membership.models.member import CURRENT, OWN_CONSENT
from messaging.enums import BlockReason, Channel, Purpose, Reason
from messaging.models import BlockedAddress

# Beside the outbox's channels: somebody phones.
PHONE: Final = "phone"

_NO_CHANNEL: Final = {Channel.EMAIL: "no_email", Channel.SMS: "no_sms", Channel.LETTER: "no_post", PHONE: "no_phone"}
_NO_PURPOSE: Final[Mapping[str, str]] = {
    Purpose.NEWSLETTER: "no_newsletter",
    Purpose.MEETINGS: "no_meetings",
    Purpose.SURVEYS: "no_surveys",
    Purpose.RECRUITMENT: "no_recruitment",
}
# A child is not asked for money, nor to bring others; and nobody who is not of age is phoned.
_FOR_ADULTS: Final = frozenset({Purpose.RECRUITMENT, Purpose.FUNDRAISING})
_SAID_NO: Final = (BlockReason.STOPP.value, BlockReason.COMPLAINT.value)
# Few enough for one statement in either database.
_AT_ONCE: Final = 500

Blocks = Mapping[tuple[str, str], Collection[str]]


def address_of(member: Member, channel: str) -> str:
    """Where one channel leads: an email address in lower case, a mobile number in E.164; empty where it leads nowhere.

    A letter has no address here: that stands on the member.
    """
    if channel == Channel.EMAIL:
        email = member.email.strip().lower()
        return email if "@" in email else ""
    if channel == Channel.SMS:
        return member.mobile if member.mobile_ok else ""
    return member.call_number if channel == PHONE else ""


def blocks_of(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """Of (channel, address) those that are blocked, and why: one query for five hundred. A number called is an SMS's.

    A channel is given as text: `Channel.SMS.value`.
    """
    asked = {(_kept_under(channel), address) for channel, address in pairs if address}
    addresses = sorted({address for _channel, address in asked})
    found: dict[tuple[str, str], set[str]] = {}
    for start in range(0, len(addresses), _AT_ONCE):
        rows = BlockedAddress.objects.in_force().filter(address__in=addresses[start : start + _AT_ONCE])
        for channel, address, reason in rows.values_list("channel", "address", "reason"):
            if (channel, address) in asked:
                found.setdefault((channel, address), set()).add(reason)
    return found


def wrong_numbers(numbers: Iterable[str]) -> frozenset[str]:
    """Of numbers in E.164 those known to be somebody else's: not to be tapped on any page."""
    found = blocks_of((PHONE, number) for number in numbers)
    return frozenset(number for (_channel, number), reasons in found.items() if BlockReason.WRONG in reasons)


def blocks_for(members: Iterable[Member], channel: str) -> dict[tuple[str, str], set[str]]:
    """What `may_contact` needs to know of many members at once."""
    return blocks_of((channel, address_of(member, channel)) for member in members)


def may_contact(member: Member, channel: str, purpose: str, *, on: date, blocks: Blocks | None = None) -> Reason:
    """`Reason.NONE` where we may, else why not. `channel` is a `Channel` or `PHONE`.

    `blocks` is what `blocks_for` found for several members at once; without it this asks the database.
    """
    if why := _said_of_the_member(member, channel, purpose, on):
        return why
    if channel == Channel.LETTER:
        return Reason.NONE if member.street and member.postal_code else Reason.NO_ADDRESS
    if not address_of(member, channel):
        return Reason.NO_ADDRESS
    return _said_of_the_address(member, channel, purpose, blocks)


def is_stopped(channel: str, reasons: Collection[str], purpose: str = "") -> bool:
    """Whether whoever has an address has told us to stop there.

    STOPP ends every SMS, service too: that goes by email or post. A complaint ends every email but service. A STOPP
    says nothing of email, nor does either of calls.
    """
    if channel == PHONE or (channel == Channel.EMAIL and purpose == Purpose.SERVICE):
        return False
    return not set(_SAID_NO).isdisjoint(reasons)


def _said_of_the_member(member: Member, channel: str, purpose: str, on: date) -> Reason:
    too_young = _asks_for_adults(channel, purpose) and member.is_under(ADULT, on=on)
    unconsented = _asks_for_consent(purpose) and member.lacks_consent(on=on)
    said: list[tuple[bool, Reason]] = [
        (member.status not in CURRENT, Reason.LEFT),
        (_is_shielded(member, channel, purpose), Reason.PROTECTED),
        (too_young or unconsented, Reason.UNDER_AGE),
        (purpose == Purpose.FUNDRAISING and member.fundraising_consent_on is None, Reason.NO_CONSENT),
        (purpose in _NO_PURPOSE and getattr(member, _NO_PURPOSE.get(purpose, "pk")), Reason.NO_PURPOSE),
        (_heeds_channel(channel, purpose) and getattr(member, _NO_CHANNEL[channel]), Reason.NO_CHANNEL),
    ]
    return next((reason for holds, reason in said if holds), Reason.NONE)


def _asks_for_adults(channel: str, purpose: str) -> bool:
    return channel == PHONE or purpose in _FOR_ADULTS


def _asks_for_consent(purpose: str) -> bool:
    return purpose != Purpose.SERVICE


def _heeds_channel(channel: str, purpose: str) -> bool:
    """A formal notice has to arrive: the letter is what is left when everything else is refused."""
    return not (channel == Channel.LETTER and purpose == Purpose.SERVICE)


def _is_shielded(member: Member, channel: str, purpose: str) -> bool:
    """No letter to a protected address; the strictly protected get only what they must, and that by email."""
    if channel == Channel.LETTER:
        return member.address_hidden
    strict = member.address_protection == AddressProtection.STRICT
    return strict and not (channel == Channel.EMAIL and purpose == Purpose.SERVICE)


def _said_of_the_address(member: Member, channel: str, purpose: str, blocks: Blocks | None) -> Reason:
    key = (_kept_under(channel), address_of(member, channel))
    reasons = set((blocks_of([key]) if blocks is None else blocks).get(key, ()))
    if is_stopped(channel, reasons, purpose):
        return Reason.STOPPED
    wrong = reasons & {BlockReason.WRONG.value} if channel == PHONE else reasons.difference(_SAID_NO)
    bounced = channel == Channel.EMAIL and member.email_bounced_on is not None
    return Reason.WRONG if wrong or bounced else Reason.NONE


def _kept_under(channel: str) -> str:
    """A number that is somebody else's is neither written to nor phoned: it is blocked once."""
    return Channel.SMS.value if channel == PHONE else str(channel)


# --- The same in SQL --------------------------------------------------------------------------------------------------


def with_reason(members: MemberQuerySet, channel: str, purpose: str, *, on: date, name: str) -> MemberQuerySet:
    """The members, each with the reason why not under `name`: empty where we may. Needs `with_addresses` before it."""
    whens = [
        *_whens_of_the_member(channel, purpose, on),
        *(_whens_of_a_letter() if channel == Channel.LETTER else _whens_of_the_address(channel, purpose)),
    ]
    cases = [When(condition, then=Value(reason.value)) for condition, reason in whens]
    return members.annotate(**{name: Case(*cases, default=Value(""), output_field=CharField())})


def with_addresses(members: MemberQuerySet) -> MemberQuerySet:
    """The members with `email_key`, `sms_key` and `phone_key`, the addresses as `address_of` gives them."""
    email = Case(When(email__contains="@", then=Lower(Trim("email"))), default=Value(""), output_field=CharField())
    mobile = Case(When(mobile_ok=True, then=F("mobile")), default=Value(""), output_field=CharField())
    return members.annotate(email_key=email, sms_key=mobile, phone_key=call_number())


def call_number(prefix: str = "") -> Case:
    """`Member.call_number` as an expression; `prefix` is the path to the member, such as `member__`."""
    return Case(
        When(**{f"{prefix}mobile_ok": True}, then=F(f"{prefix}mobile")),
        When(**{f"{prefix}phone_ok": True}, then=F(f"{prefix}phone")),
        default=Value(""),
        output_field=CharField(),
    )


def is_wrong_number(number: str) -> Exists:
    """The condition that a number, under the name it is annotated as, is known to be somebody else's."""
    wrong = BlockedAddress.objects.in_force().filter(channel=Channel.SMS, reason=BlockReason.WRONG)
    return Exists(wrong.filter(address=OuterRef(number)))


def _whens_of_the_member(channel: str, purpose: str, on: date) -> list[tuple[Q, Reason]]:
    said = [(~Q(status__in=CURRENT), Reason.LEFT), (_shielded(channel, purpose), Reason.PROTECTED)]
    if _asks_for_adults(channel, purpose):
        said.append((under_age(ADULT, on=on), Reason.UNDER_AGE))
    if _asks_for_consent(purpose):
        unconsented = Q(guardian_name="") | Q(guardian_consent_on__isnull=True)
        said.append((under_age(OWN_CONSENT, on=on) & unconsented, Reason.UNDER_AGE))
    if purpose == Purpose.FUNDRAISING:
        said.append((Q(fundraising_consent_on__isnull=True), Reason.NO_CONSENT))
    if column := _NO_PURPOSE.get(purpose):
        said.append((Q(**{column: True}), Reason.NO_PURPOSE))
    if _heeds_channel(channel, purpose):
        said.append((Q(**{_NO_CHANNEL[channel]: True}), Reason.NO_CHANNEL))
    return said


def _shielded(channel: str, purpose: str) -> Q:
    if channel == Channel.LETTER:
        return ~Q(address_protection="")
    if channel == Channel.EMAIL and purpose == Purpose.SERVICE:
        return Q(pk__in=[])
    return Q(address_protection=AddressProtection.STRICT)


def _whens_of_a_letter() -> list[tuple[Q | Exists, Reason]]:
    return [(Q(street="") | Q(postal_code=""), Reason.NO_ADDRESS)]


def _whens_of_the_address(channel: str, purpose: str) -> list[tuple[Q | Exists, Reason]]:
    key = f"{channel}_key"
    nowhere: tuple[Q | Exists, Reason] = (Q(**{key: ""}), Reason.NO_ADDRESS)
    if channel == PHONE:
        return [nowhere, (is_wrong_number(key), Reason.WRONG)]
    blocked = BlockedAddress.objects.in_force().filter(channel=channel, address=OuterRef(key))
    whens = [nowhere]
    if is_stopped(channel, _SAID_NO, purpose):
        whens.append((Exists(blocked.filter(reason__in=_SAID_NO)), Reason.STOPPED))
    whens.append((Exists(blocked.exclude(reason__in=_SAID_NO)), Reason.WRONG))
    if channel == Channel.EMAIL:
        whens.append((Q(email_bounced_on__isnull=False), Reason.WRONG))
    return whens
