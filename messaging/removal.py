"""What messages have to say of taking a member out of the register again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from common.among import among
from membership.extensions import Text
from messaging.enums import DeliveryState
from messaging.models import Delivery, Recipient

# What has left the house, or may have.
_LEFT: Final = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.BOUNCED, DeliveryState.UNKNOWN)


def blocks(member_ids: Sequence[int], _batch_id: UUID) -> Mapping[int, Text]:
    """Those who have been sent something: that it was sent is not made undone."""
    reached = Q(delivery__state__in=_LEFT) | Q(posted_at__isnull=False)
    sent = Recipient.objects.filter(reached, member__in=member_ids).values_list("member_id", flat=True)
    return {pk: _("The member has been sent a message.") for pk in sent if pk is not None}


def prepare(member_ids: Sequence[int]) -> None:
    """What waits for these members alone does not go out; what they share with others does."""
    these = among(member_ids)
    theirs = Recipient.objects.filter(member__in=these, delivery__isnull=False)
    others = Recipient.objects.filter(delivery=OuterRef("pk")).exclude(member__in=these)
    alone = Delivery.objects.filter(pk__in=theirs.values("delivery_id")).exclude(Exists(others))
    alone.filter(state=DeliveryState.QUEUED).update(state=DeliveryState.CANCELLED, problem="removed")
