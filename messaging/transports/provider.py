"""Out by a provider's own interface, through django-anymail; and by whatever else Django is told to send with."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterable
from email.utils import parsedate_to_datetime, quote
from typing import Any, Final

import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailError,
    AnymailRecipientsRefused,
    AnymailUnsupportedFeature,
)
from django.core.mail import EmailMultiAlternatives, get_connection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from common.clock import machine_time
from messaging.enums import DeliveryState
from messaging.transports import mime
from messaging.transports.base import NotOpen, Outcome, Outgoing

# It did not take it, and may later: slow down, not now, and what is about our key or bill and not about the letter.
_LATER: Final = {401, 402, 403, 408, 425, 429, 503}
_OURS: Final = {401, 402, 403}
_LONGEST_ID: Final = 120


class ProviderTransport:
    """One session with a provider. What it cannot do beside sending is asked of it once, and then let be."""

    def __init__(self) -> None:
        self._connection = get_connection()
        # Nobody follows who opens or clicks; the id comes back in reports, also where an answer to us was lost.
        self._wishes = ["track_opens", "track_clicks", "metadata"]

    def open(self) -> None:
        """Raises `NotOpen`."""
        try:
            self._connection.open()
        except (OSError, AnymailError) as error:
            raise NotOpen(type(error).__name__) from None

    def send(self, outgoing: Outgoing, html: str) -> Outcome:
        """Try once. Raises `UnsafeHeader` before anything is sent."""
        while True:
            message = self._message(outgoing, html)
            try:
                taken = self._connection.send_messages([message])
            except AnymailUnsupportedFeature as error:
                # Found before anything was sent.
                wish = next((wish for wish in self._wishes if wish in str(error)), "")
                if not wish:
                    return Outcome(DeliveryState.FAILED, type(error).__name__)
                self._wishes.remove(wish)
            except (AnymailError, OSError, smtplib.SMTPException, ValueError) as error:
                return _after(error)
            else:
                return _told(message) if taken else Outcome(DeliveryState.FAILED)

    def close(self) -> None:
        """Raises nothing."""
        try:
            self._connection.close()
        except (OSError, AnymailError):
            pass

    def _message(self, outgoing: Outgoing, html: str) -> EmailMultiAlternatives:
        answers = mime.reply_to(outgoing)
        name, address = mime.sender_of(outgoing)
        message = EmailMultiAlternatives(
            mime.clean(outgoing.subject),
            outgoing.text,
            # Not encoded: the provider does that.
            f'"{quote(mime.clean(name))}" <{mime.plain_address(address)}>',
            [mime.plain_address(outgoing.address)],
            connection=self._connection,
            headers={"Message-ID": mime.message_id(outgoing), **dict(mime.more_headers(outgoing))},
            reply_to=[mime.plain_address(answers)] if answers else None,
        )
        if html:
            message.attach_alternative(html, "text/html")
        values = {"track_opens": False, "track_clicks": False, "metadata": {"delivery": str(outgoing.id)}}
        for wish in self._wishes:
            setattr(message, wish, values[wish])
        return message


def _told(message: EmailMultiAlternatives) -> Outcome:
    """What the provider said of a letter that it took, and its own name for it."""
    status: Any = getattr(message, "anymail_status", None)
    name = getattr(status, "message_id", None)
    state = DeliveryState.UNKNOWN if getattr(status, "status", None) == {"unknown"} else DeliveryState.SENT
    return Outcome(state, provider_id=name[:_LONGEST_ID] if isinstance(name, str) else "")


def _after(error: Exception) -> Outcome:
    """What an error means. One before the letter was on its way is certain; of a lost answer nothing is known."""
    code = _status_of(error)
    problem = " ".join(filter(None, [_kind_of(error), str(code or "")]))
    if _never_reached(error):
        return Outcome(DeliveryState.QUEUED, problem, broken=True)
    if code in _LATER:
        return Outcome(DeliveryState.QUEUED, problem, retry_after=_wait_in(error), broken=code in _OURS)
    if isinstance(error, AnymailRecipientsRefused) or 400 <= code < 500:
        return Outcome(DeliveryState.FAILED, problem)
    if isinstance(error, (AnymailAPIError, OSError, smtplib.SMTPException)):
        return Outcome(DeliveryState.UNKNOWN, problem, broken=True)
    # The letter could not be put in the provider's words: nothing was sent, nor will it be another time.
    return Outcome(DeliveryState.FAILED, problem)


def _kind_of(error: Exception) -> str:
    """The name of the error beneath anymail's, which says more. Never a text: it repeats addresses."""
    return type(error.__cause__ or error).__name__


def _status_of(error: Exception) -> int:
    """The HTTP status of the answer; 0 where there was none. Amazon's library keeps it in a place of its own."""
    status: Any = getattr(error, "status_code", None)
    if status is None:
        answer = getattr(error.__cause__, "response", None)
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode") if isinstance(answer, dict) else None
    return int(status or 0)


def _never_reached(error: Exception) -> bool:
    """Whether there was no connection at all."""
    never = (requests.ConnectTimeout, NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)
    return any(isinstance(one, never) for one in _beneath(error))


def _beneath(error: BaseException) -> Iterable[BaseException]:
    """The errors that an error holds: urllib3 keeps the reason of the last try inside its own."""
    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            waiting += [one.__cause__, getattr(one, "reason", None), *one.args]
    return seen


def _wait_in(error: Exception) -> int | None:
    """Seconds to wait, as the answer's Retry-After says: a number, or a moment."""
    response = getattr(error, "response", None)
    text = response.headers.get("Retry-After", "") if response is not None else ""
    if text.isdecimal():
        return min(int(text), 24 * 3600)
    try:
        return max(0, int((parsedate_to_datetime(text) - machine_time()).total_seconds()))
    except (TypeError, ValueError):
        return None
