"""Who sends, when: codes and single messages at once, messages to many by a pump that goes on while there is some.

A default worker has two processes, and there is one pump for each channel at a time (`DELIVERY_RUNS`, over all hosts).
A code is sent by whichever process is free; when none is, the pumps send it themselves, within about a second: keeping
a process free would not do that where there is only one, and would leave it idle where there are more.
"""

from __future__ import annotations

import logging
import time
from typing import Final
from uuid import UUID

from celery import current_app
from django.conf import settings

from common.clock import machine_time
from messaging.models import Delivery
from messaging.outbox import leasing, pauses
from messaging.outbox.run import Result, send_chunk
from messaging.outbox.ways import CHANNELS

log = logging.getLogger(__name__)

# Then it makes room for other work, and begins again behind it.
LONGEST_SECONDS: Final = 60.0


def tell(channel: str) -> None:
    """Tell a worker that there is something to send. A lost broker costs seconds: the sweep tells again.

    Call it when the transaction is committed.
    """
    # By name: what is under the tasks does not import them.
    current_app.tasks["messaging.tasks.pump"].apply_async([str(channel)], retry=False)


def pump(channel: str) -> None:
    """Send what is due of messages to many, for a minute at most."""
    began = time.monotonic()
    while time.monotonic() - began < LONGEST_SECONDS:
        if (
            pauses.is_paused(channel, machine_time())
            or leasing.lively(channel, machine_time()) >= settings.DELIVERY_RUNS
        ):
            return
        if send_chunk(channel, interlude=_send_alone_between, message__isnull=False) is not Result.DONE:
            return
    tell(channel)


def _has_room(channel: str) -> bool:
    now = machine_time()
    return not pauses.is_paused(channel, now) and leasing.lively(channel, now) < settings.DELIVERY_RUNS


def send_one(delivery_id: UUID) -> None:
    """Send one delivery, unless it is not due or somebody else has taken it."""
    for channel in Delivery.objects.filter(pk=delivery_id).values_list("channel", flat=True):
        send_chunk(channel, pk=delivery_id)


def send_alone() -> None:
    """Send the codes, notices and answers that no kick has reached; also by a way out that was closed just now."""
    for channel in CHANNELS:
        while send_chunk(channel, message__isnull=True) is Result.DONE:
            pass


def _send_alone_between() -> None:
    for channel in CHANNELS:
        if not pauses.is_paused(channel, machine_time()):
            send_chunk(channel, message__isnull=True)


def tell_all() -> None:
    """Tell a pump for each channel that has something due and nobody who sends it."""
    now = machine_time()
    for channel in CHANNELS:
        if _has_room(channel) and leasing.due(channel, now, message__isnull=False).exists():
            tell(channel)
