"""What messages say of members who are erased: where to, what about, what they wrote, and that they were picked.

A text that names somebody in passing cannot be found. An address that nothing is sent to stays for a year after the
last member who had it: that it must not be written to has to hold, and tells nobody whose it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Concat, Lower

from accounts.models import User
from membership.extensions import Erasure
from membership.models import Member
from membership.models.member import GONE
from messaging.addresses import addresses_of, earlier_addresses, not_anothers
from messaging.audience import PEOPLE
from messaging.enums import DeliveryState, Purpose
from messaging.leaving import stop
from messaging.models import Delivery, DeliveryQuerySet, InboxMessage, InboxReply, Message, Recipient

# Where an address stood.
ERASED: Final = "erased"
_AT_ONCE: Final = 500
_OPEN: Final = (DeliveryState.QUEUED, DeliveryState.SENDING)
# Between the house and a user, who may be a member too.
_OF_USERS: Final = (Purpose.SIGN_IN, Purpose.INVITATION, Purpose.TEST)


def wipe(members: Sequence[Member], now: datetime) -> None:
    """A number of queries for each five hundred members. May run twice."""
    people = list(members)
    for start in range(0, len(people), _AT_ONCE):
        _wipe(people[start : start + _AT_ONCE], now)


def _wipe(members: Sequence[Member], now: datetime) -> None:
    ids = [member.pk for member in members]
    # Whoever has left has had everything stopped before.
    if here := [member.pk for member in members if member.status not in GONE]:
        stop(here, None, now, now.date())
    addresses = _theirs_alone(members)
    _wipe_inbox(ids, addresses)
    of_messages = Recipient.objects.filter(member__in=ids, delivery__isnull=False)
    others = Recipient.objects.filter(delivery=OuterRef("pk")).exclude(member__in=ids)
    _empty(Delivery.objects.filter(pk__in=of_messages.values("delivery_id")).filter(~Exists(others)))
    for some in _pieces(addresses):
        _wipe_alone(some)
    _take_off_lists(members)


def _theirs_alone(members: Sequence[Member]) -> list[str]:
    """Their addresses, earlier ones too, to which something went or from which something came, and nobody else's."""
    known = sorted(addresses_of(members) | earlier_addresses(members))
    used: set[str] = set()
    for some in _pieces(known):
        used.update(Delivery.objects.alone().filter(address__in=some).values_list("address", flat=True))
        used.update(InboxMessage.objects.filter(address__in=some).values_list("address", flat=True))
    return sorted(not_anothers(used, members)) if used else []


def _wipe_alone(addresses: Sequence[str]) -> None:
    """Notices and answers; a receipt that has not got away yet is sent first. Codes are a user's, if there is one."""
    rows = Delivery.objects.alone().filter(address__in=addresses)
    users = User.objects.annotate(key=Lower("email")).filter(Q(key__in=addresses) | Q(phone__in=addresses))
    theirs = {text.lower() for pair in users.values_list("email", "phone") for text in pair if text}
    _empty(rows.exclude(purpose__in=_OF_USERS).exclude(purpose=Purpose.NOTICE, state__in=_OPEN))
    _empty(rows.filter(purpose__in=_OF_USERS).exclude(address__in=theirs))


def _empty(deliveries: DeliveryQuerySet) -> None:
    """That something was sent, when and at what price, stays. One that waited is not sent to nobody."""
    ids = list(deliveries.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=ids).update(
        address=ERASED,
        subject="",
        body="",
        body_html="",
        problem="",
        provider_id="",
        run=Case(When(state=DeliveryState.QUEUED, then=Value(None)), default=F("run")),
        state=Case(When(state=DeliveryState.QUEUED, then=Value(DeliveryState.CANCELLED)), default=F("state")),
        # A message's own say nothing of the address.
        key=Case(When(message__isnull=True, then=Concat(Value("erased:"), Cast("pk", CharField()))), default=F("key")),
    )


def _wipe_inbox(ids: Sequence[int], addresses: Sequence[str]) -> None:
    """What they wrote, and what was answered: nothing of it is left. Where others may have written it, it stays."""
    theirs = Q(member__in=ids)
    for some in _pieces(addresses) or [[]]:
        found = InboxMessage.objects.filter(theirs | Q(address__in=some, member__isnull=True))
        rows = list(found.values_list("pk", flat=True))
        answers = InboxReply.objects.filter(inbox_message__in=rows, delivery__isnull=False)
        _empty(Delivery.objects.filter(pk__in=answers.values("delivery_id")))
        InboxMessage.objects.filter(pk__in=rows).delete()


def _take_off_lists(members: Sequence[Member]) -> None:
    """Members who were picked one by one stand by number in the message, as long as that is kept."""
    gone = {member.pk for member in members}
    counties = {member.county_id for member in members}
    picked = Message.objects.filter(county__in=counties, audience__kind=PEOPLE).only("pk", "audience")
    for message in picked.order_by("pk").iterator(chunk_size=200):
        ids = message.audience.get("ids") or []
        if not gone.isdisjoint(ids):
            audience = {**message.audience, "ids": [pk for pk in ids if pk not in gone]}
            Message.objects.filter(pk=message.pk).update(audience=audience)


def _pieces(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE)]


ERASURE: Final = Erasure("messaging", wipe)
