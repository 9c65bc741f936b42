"""How a message leaves the house, and what we know about it afterwards."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from messaging.enums import DeliveryState
from messaging.models import Delivery
from messaging.transports.base import SENT, Outcome


def send_email(delivery: Delivery) -> Outcome:
    """Send one email. The demo sends nothing, and says it did: its mailbox page shows what would have gone out."""
    if settings.DEMO:
        return SENT
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(DeliveryState.QUEUED, _described(error))
    try:
        _message(delivery, connection).send()
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return _after(error)
    finally:
        connection.close()
    return SENT


def _message(delivery: Delivery, connection: object) -> EmailMultiAlternatives:
    _, _, domain = settings.DEFAULT_FROM_EMAIL.rstrip(">").rpartition("@")
    message = EmailMultiAlternatives(
        delivery.subject,
        delivery.body,
        settings.DEFAULT_FROM_EMAIL,
        [delivery.address],
        connection=connection,
        # Ours, so that no mail tells the name of the machine it was made on.
        headers={"Message-ID": f"<{delivery.pk}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    if delivery.body_html:
        message.attach_alternative(delivery.body_html, "text/html")
    return message


def _after(error: Exception) -> Outcome:
    """What an error in the middle of the talk with the server means."""
    codes = _codes(error)
    if codes:
        permanent = all(code >= 500 for code in codes)
        return Outcome(DeliveryState.FAILED if permanent else DeliveryState.QUEUED, _described(error))
    if isinstance(error, ValueError):
        return Outcome(DeliveryState.FAILED, _described(error))
    # The line was cut after we began: it may have arrived, and is not sent twice by machine.
    return Outcome(DeliveryState.UNKNOWN, _described(error))


def _codes(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _reason in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def _described(error: Exception) -> str:
    """The kind of error and the server's number; never its text, which repeats the address."""
    return " ".join([type(error).__name__, *map(str, _codes(error))])[:200]
