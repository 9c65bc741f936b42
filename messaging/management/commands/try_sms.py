"""`manage.py try_sms +4791234567`: one SMS to a telephone of one's own, and what the gateway says to it."""

from __future__ import annotations

import time
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from common.clock import machine_time
from common.phone import format_phone, parse_phone
from messaging.actions.outbox import queue_sms
from messaging.enums import Channel, DeliveryState, Purpose
from messaging.models import Delivery
from messaging.outbox import pauses
from messaging.outbox.pump import send_one
from messaging.transports.sms import sms_is_possible

# A worker may have taken it before us: so long we wait for it.
_SECONDS: Final = 60


class Command(BaseCommand):
    """Through the outbox, as every SMS; also when the gateway has been left alone for a while."""

    help = "Send one SMS, and tell how it went. Costs as much as any other SMS."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to say on the command line."""
        parser.add_argument("number")
        parser.add_argument("--text", default="", help="left out: a sentence that says it is a test")
        parser.add_argument("--sender", default="", help="left out: the account's own")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check first, then send."""
        number = parse_phone(options["number"])
        if settings.DEMO:
            raise CommandError(_("The demo sends nothing."))
        if not sms_is_possible():
            raise CommandError(_("SMS_URL names no way to send SMS. See docs/operations.md."))
        if number.e164 is None or not number.mobile:
            raise CommandError(_("That is not a mobile number."))
        delivery = queue_sms(
            key=f"try:{uuid4()}",
            purpose=Purpose.TEST,
            address=number.e164,
            text=options["text"] or _("This is a test. You need not answer."),
            now=machine_time(),
            sender_name=options["sender"],
        )
        send_one(delivery.pk)
        self._tell(outcome_of(delivery))

    def _tell(self, delivery: Delivery) -> None:
        if delivery.state != DeliveryState.SENT:
            state = delivery.get_state_display().lower()
            raise CommandError(
                _("Not sent: %(problem)s (%(state)s).") % {"problem": _problem(delivery), "state": state}
            )
        self.stdout.write(
            _("The gateway has taken it, to %(number)s. It calls it “%(id)s”.")
            % {"number": format_phone(delivery.address), "id": delivery.provider_id or "–"}
        )


def outcome_of(delivery: Delivery) -> Delivery:
    """How it ended; what still waits is taken back, so that no test arrives in the night."""
    until = time.monotonic() + _SECONDS
    delivery.refresh_from_db()
    while delivery.state == DeliveryState.SENDING and time.monotonic() < until:
        time.sleep(0.2)
        delivery.refresh_from_db()
    waiting = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.QUEUED)
    if waiting.update(state=DeliveryState.CANCELLED, run=None):
        delivery.refresh_from_db()
    return delivery


def _problem(delivery: Delivery) -> str:
    if delivery.problem:
        return delivery.problem
    pause = pauses.pause_of(Channel.SMS)
    return pause.problem if pause else "–"
