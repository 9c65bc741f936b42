"""Whether we may reach a member by a channel about something: the one place that knows, for email, SMS, letters, calls.

Said twice, in Python for one member and in SQL for a whole register; tests/messaging/test_contact.py holds the two
against each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from django.db.models import Case, CharField, Exists, F, Model, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Lower, Trim

from membership.enums import AddressProtection
from membership.models import Member, MemberQuerySet
from membership.models.member import ADULT, CURRENT, OWN_CONSENT
from messaging.enums import BlockReason, Channel, Purpose, Reason
from messaging.models import BlockedAddress

# Beside the outbox's channels: somebody phones.
PHONE: Final = "phone"

_NO_CHANNEL: Final = {Channel.EMAIL: "no_email", Channel.SMS: "no_sms", Channel.LETTER: "no_post", PHONE: "no_phone"}
_NO_PURPOSE: Final = {
    Purpose.NEWSLETTER: "no_newsletter",
    Purpose.MEETINGS: "no_meetings",
    Purpose.SURVEYS: "no_surveys",
    Purpose.RECRUITMENT: "no_recruitment",
}
# A child is not asked for money, nor to bring others; and nobody who is not of age is phoned.
_FOR_ADULTS: Final = frozenset({Purpose.RECRUITMENT, Purpose.FUNDRAISING})
_SAID_NO: Final = (BlockReason.STOPP, BlockReason.COMPLAINT)


def address_of(member: Member, channel: str) -> str:
    """Where one channel leads: an email address in lower case, a mobile number in E.164; empty where it leads nowhere.

    A letter has no address here: that stands on the member.
    """
    if channel == Channel.EMAIL:
        return member.email.strip().lower()
    if channel == Channel.SMS:
        return member.mobile if member.mobile_ok else ""
    return member.call_number if channel == PHONE else ""


def blocks_of(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """Of (channel, address) those that are blocked, and why: one query."""
    asked = {pair for pair in pairs if pair[1]}
    rows = BlockedAddress.objects.in_force().filter(address__in={address for _channel, address in asked})
    found: dict[tuple[str, str], set[str]] = {}
    for channel, address, reason in rows.values_list("channel", "address", "reason"):
        if (channel, address) in asked:
            found.setdefault((channel, address), set()).add(reason)
    return found


def may_contact(
    member: Member, channel: str, purpose: str, *, on: date, blocks: dict[tuple[str, str], set[str]] | None = None
) -> Reason:
    """`Reason.NONE` where we may, else why not. `channel` is a `Channel` or `PHONE`.

    `blocks` is what `blocks_of` found for several members at once; without it this asks the database.
    """
    if why := _said_of_the_member(member, channel, purpose, on):
        return why
    if channel == Channel.LETTER:
        return Reason.NONE if member.street and member.postal_code else Reason.NO_ADDRESS
    address = address_of(member, channel)
    if not address:
        return Reason.NO_ADDRESS
    return _said_of_the_address(member, channel, address, blocks)


def _said_of_the_member(member: Member, channel: str, purpose: str, on: date) -> Reason:
    young = (purpose in _FOR_ADULTS or channel == PHONE) and member.is_under(ADULT, on=on)
    said: list[tuple[bool, Reason]] = [
        (member.status not in CURRENT, Reason.LEFT),
        (_is_shielded(member, channel, purpose), Reason.PROTECTED),
        (young or (purpose != Purpose.SERVICE and member.lacks_consent(on=on)), Reason.UNDER_AGE),
        (purpose == Purpose.FUNDRAISING and member.fundraising_consent_on is None, Reason.NO_CONSENT),
        (bool(getattr(member, _NO_PURPOSE.get(Purpose(purpose), ""), False)), Reason.NO_PURPOSE),
        (bool(getattr(member, _NO_CHANNEL[channel])), Reason.NO_CHANNEL),
    ]
    return next((reason for holds, reason in said if holds), Reason.NONE)


def _is_shielded(member: Member, channel: str, purpose: str) -> bool:
    """No letter to a protected address; the strictly protected get only what they must, and that by email."""
    if channel == Channel.LETTER:
        return member.address_hidden
    strict = member.address_protection == AddressProtection.STRICT
    return strict and not (channel == Channel.EMAIL and purpose == Purpose.SERVICE)


def _said_of_the_address(
    member: Member, channel: str, address: str, blocks: dict[tuple[str, str], set[str]] | None
) -> Reason:
    # A number that is somebody else's is not phoned either; a STOPP is about SMS.
    key = (Channel.SMS.value if channel == PHONE else str(channel), address)
    reasons = (blocks_of([key]) if blocks is None else blocks).get(key, set())
    if channel == PHONE:
        reasons = reasons & {BlockReason.WRONG.value}
    if reasons & set(_SAID_NO):
        return Reason.STOPPED
    if reasons or (channel == Channel.EMAIL and member.email_bounced_on):
        return Reason.WRONG
    return Reason.NONE


# --- The same in SQL --------------------------------------------------------------------------------------------------


def with_reason(members: MemberQuerySet, channel: Channel, purpose: str, *, on: date, name: str) -> MemberQuerySet:
    """The members, each with the reason why not under `name`: empty where we may. Needs `with_addresses` before it."""
    whens = [
        *_whens_of_the_member(channel, purpose, on),
        *(_whens_of_a_letter() if channel == Channel.LETTER else _whens_of_the_address(channel)),
    ]
    cases = [When(condition, then=Value(reason.value)) for condition, reason in whens]
    return members.annotate(**{name: Case(*cases, default=Value(""), output_field=CharField())})


def with_addresses(members: MemberQuerySet) -> MemberQuerySet:
    """The members with `email_key` and `sms_key`, the addresses as `address_of` gives them."""
    mobile = Case(When(mobile_ok=True, then=F("mobile")), default=Value(""), output_field=CharField())
    return members.annotate(email_key=Lower(Trim("email")), sms_key=mobile)


def _whens_of_the_member(channel: Channel, purpose: str, on: date) -> list[tuple[Q, Reason]]:
    said = [(~Q(status__in=CURRENT), Reason.LEFT), (_shielded(channel, purpose), Reason.PROTECTED)]
    if purpose in _FOR_ADULTS:
        said.append((_younger(ADULT, on), Reason.UNDER_AGE))
    if purpose != Purpose.SERVICE:
        unconsented = Q(guardian_name="") | Q(guardian_consent_on__isnull=True)
        said.append((_younger(OWN_CONSENT, on) & unconsented, Reason.UNDER_AGE))
    if purpose == Purpose.FUNDRAISING:
        said.append((Q(fundraising_consent_on__isnull=True), Reason.NO_CONSENT))
    if column := _NO_PURPOSE.get(Purpose(purpose)):
        said.append((Q(**{column: True}), Reason.NO_PURPOSE))
    said.append((Q(**{_NO_CHANNEL[channel]: True}), Reason.NO_CHANNEL))
    return said


def _shielded(channel: Channel, purpose: str) -> Q:
    if channel == Channel.LETTER:
        return ~Q(address_protection="")
    if channel == Channel.EMAIL and purpose == Purpose.SERVICE:
        return Q(pk__in=[])
    return Q(address_protection=AddressProtection.STRICT)


def _younger(years: int, on: date) -> Q:
    """As `membership.models.member.is_under`: where only the year is known, the youngest they can be."""
    try:
        born_after = on.replace(year=on.year - years)
    except ValueError:  # 29 February
        born_after = date(on.year - years, 3, 1)
        return Q(birth_on__gte=born_after) | Q(birth_on__isnull=True, birth_year__gte=on.year - years)
    return Q(birth_on__gt=born_after) | Q(birth_on__isnull=True, birth_year__gte=on.year - years)


def _whens_of_a_letter() -> list[tuple[Q | Exists, Reason]]:
    return [(Q(street="") | Q(postal_code=""), Reason.NO_ADDRESS)]


def _whens_of_the_address(channel: Channel) -> list[tuple[Q | Exists, Reason]]:
    key = "email_key" if channel == Channel.EMAIL else "sms_key"
    blocked: QuerySet[Model] = BlockedAddress.objects.in_force().filter(channel=channel, address=OuterRef(key))
    bounced = Q(email_bounced_on__isnull=False) if channel == Channel.EMAIL else Q(pk__in=[])
    return [
        (Q(**{key: ""}), Reason.NO_ADDRESS),
        (Exists(blocked.filter(reason__in=_SAID_NO)), Reason.STOPPED),
        (Exists(blocked.exclude(reason__in=_SAID_NO)), Reason.WRONG),
        (bounced, Reason.WRONG),
    ]
