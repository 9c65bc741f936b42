"""How an email leaves the house: by a mail server, or by a provider. The demo sends nothing, and says it did."""

from __future__ import annotations

from django.conf import settings

from messaging.enums import DeliveryState
from messaging.transports.base import SENT, Outcome, Outgoing
from messaging.transports.letterhead import letterhead
from messaging.transports.mime import UnsafeHeader, clean
from messaging.transports.provider import ProviderTransport
from messaging.transports.return_path import delivery_id_in, house_sender, return_path_for
from messaging.transports.smtp import SmtpTransport

__all__ = ["EmailTransport", "delivery_id_in", "return_path_for"]

_SMTP = "django.core.mail.backends.smtp.EmailBackend"


class EmailTransport:
    """A connection as the settings say, for a chunk. It is opened by the first mail, if not by `open`."""

    def __init__(self) -> None:
        self._way = _way_out()

    def open(self) -> None:
        """Raises `NotOpen`."""
        if self._way is not None:
            self._way.open()

    def send(self, outgoing: Outgoing) -> Outcome:
        """Try once. `outgoing.html` is the content; the letterhead is put around it here."""
        if self._way is None:
            return SENT
        try:
            return self._way.send(outgoing, _page(outgoing))
        except UnsafeHeader:
            return Outcome(DeliveryState.FAILED, UnsafeHeader.__name__)

    def close(self) -> None:
        """Raises nothing."""
        if self._way is not None:
            self._way.close()


def _way_out() -> SmtpTransport | ProviderTransport | None:
    if settings.DEMO:
        return None
    return SmtpTransport() if settings.EMAIL_BACKEND == _SMTP else ProviderTransport()


def _page(outgoing: Outgoing) -> str:
    if not outgoing.html:
        return ""
    return letterhead(clean(outgoing.sender) or house_sender()[0]).around(outgoing.html)
