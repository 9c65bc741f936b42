"""What became of an SMS, as its gateway tells it: late, twice, in any order, or about one that was never ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from messaging.actions.blocks import block
from messaging.enums import BlockReason, Channel, DeliveryState
from messaging.models import Delivery, DeliveryQuerySet

_ENDED: Final = (DeliveryState.SENT, DeliveryState.UNKNOWN)
_CAME_BACK: Final = (DeliveryState.FAILED, DeliveryState.BOUNCED)


@dataclass(frozen=True, slots=True)
class Report:
    """`ref` is our own id, where the gateway gives it back; else it is known by `provider_id`.

    `code` names the gateway and its error; no text of the gateway's. `no_such_number`: nothing will ever arrive there.
    """

    arrived: bool
    ref: str = ""
    provider_id: str = ""
    code: str = ""
    no_such_number: bool = False


@transaction.atomic
def take_report(report: Report, *, now: datetime) -> bool:
    """Write down what is told; whether it changed anything. What has arrived, has arrived, whatever is said later."""
    found = _told_of(report)
    if found is None:
        return False
    changed = _arrived(found, now) if report.arrived else _came_back(found, report, now)
    if changed and report.no_such_number:
        for number in found.values_list("address", flat=True):
            block(Channel.SMS, number, BlockReason.HARD, now=now)
    return changed


def _told_of(report: Report) -> DeliveryQuerySet | None:
    """The one row; by its own id or by the gateway's, and only ever an SMS."""
    sms = Delivery.objects.filter(channel=Channel.SMS)
    if report.ref:
        try:
            return sms.filter(pk=UUID(report.ref))
        except ValueError:
            return None
    return sms.filter(provider_id=report.provider_id[:120]).exclude(provider_id="") if report.provider_id else None


def _arrived(found: DeliveryQuerySet, now: datetime) -> bool:
    """Also one that nobody knew of, or that was thought to have failed: it is never sent again."""
    fresh = found.filter(delivered_at=None)
    # One that a worker holds keeps its state: the worker says how it ended.
    held = fresh.filter(state=DeliveryState.SENDING).update(delivered_at=now)
    again = fresh.filter(state=DeliveryState.QUEUED, attempts__gt=0)
    others = fresh.filter(state__in=[*_ENDED, *_CAME_BACK])
    values = {"delivered_at": now, "bounced_at": None, "problem": "", "state": DeliveryState.SENT}
    sent_at = Coalesce(F("sent_at"), Value(now))
    return bool(held + again.update(**values, sent_at=sent_at) + others.update(**values, sent_at=sent_at))


def _came_back(found: DeliveryQuerySet, report: Report, now: datetime) -> bool:
    """Bounced where the number is to blame; else it failed, and can be tried again by a person."""
    state = DeliveryState.BOUNCED if report.no_such_number else DeliveryState.FAILED
    values = {"state": state, "problem": report.code[:200], "bounced_at": now if report.no_such_number else None}
    return bool(found.filter(delivered_at=None, state__in=_ENDED).update(**values))
