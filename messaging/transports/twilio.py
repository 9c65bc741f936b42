"""Twilio's interface: a form for each message, answered in JSON, with numbered errors."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from messaging.enums import DeliveryState
from messaging.transports.base import Outcome, Outgoing
from messaging.transports.gateway import Account, Answer, Gateway

# Our account, our sender, our limits: true of all that wait. The others are about this number or this text.
_ACCOUNT: Final = frozenset(
    {20003, 20005, 20006, 20008, 20429, 21212, 21603, 21606, 21608, 21659, 21660, 21703, 30001, 30002, 63038}
)
_GONE_WRONG: Final = frozenset({"failed", "undelivered", "canceled"})


def report_address(delivery_id: UUID) -> str:
    """Where Twilio reports to about one message; empty where those addresses are closed.

    Our own id is in it: so a report finds its row even where the answer with Twilio's id was cut off.
    """
    if not settings.WEBHOOK_SECRET:
        return ""
    path = reverse("messaging:twilio_report", args=[settings.WEBHOOK_SECRET])
    return f"{settings.PUBLIC_URL}{path}?ref={delivery_id}"


def signature(token: str, url: str, fields: Mapping[str, Sequence[str]]) -> str:
    """What Twilio puts in X-Twilio-Signature: over the address and every field of the form, by name."""
    said = url + "".join(f"{name}{value}" for name in sorted(fields) for value in sorted(set(fields[name])))
    # SHA-1 is Twilio's choice; as an HMAC it still holds.
    return b64encode(hmac.new(token.encode(), said.encode(), "sha1").digest()).decode()


def is_signed(sent: str, account: Account, path: str, fields: Mapping[str, Sequence[str]]) -> bool:
    """Whether Twilio signed a request to one of our addresses: by PUBLIC_URL, for the Host header is anybody's."""
    wanted = [signature(account.secret, base + path, fields) for base in _bases()]
    return any([constant_time_compare(sent, one) for one in wanted])  # noqa: C419 - each is compared


def _bases() -> set[str]:
    """PUBLIC_URL; where it names a port Twilio may sign the address without it."""
    parts = urlsplit(settings.PUBLIC_URL)
    return {settings.PUBLIC_URL, f"{parts.scheme}://{parts.hostname}{parts.path}"}


class TwilioTransport(Gateway):
    """One SMS a request; its reports come back under the `sid` of its answer."""

    name: ClassVar[str] = "Twilio"
    longest: ClassVar[int] = 1600

    def request(self, outgoing: Outgoing) -> tuple[str, dict[str, str], tuple[str, str] | None]:
        """From the branch's sender, else the account's; or through a messaging service, which chooses."""
        fields = {"To": outgoing.address, "Body": outgoing.text}
        if service := self.account.options.get("service"):
            fields["MessagingServiceSid"] = service
        else:
            fields["From"] = self.sender_of(outgoing)
        if report := report_address(outgoing.id):
            fields["StatusCallback"] = report
        path = f"/2010-04-01/Accounts/{quote(self.account.user, safe='')}/Messages.json"
        return path, fields, (self.account.user, self.account.secret)

    def read(self, answer: Answer) -> Outcome:
        """201 with a `sid` is taken; an error has a `code`."""
        code = _code(answer)
        if answer.status >= 400 and code in _ACCOUNT and answer.status != 429:
            return self.account_fault(str(code))
        if outcome := self.by_status(answer):
            return outcome
        if answer.status >= 400:
            return self.refused(str(code or answer.status))
        said = answer.data or {}
        if not isinstance(said.get("sid"), str) or not said["sid"]:
            return self.unreadable(answer)
        if said.get("status") in _GONE_WRONG:
            return Outcome(DeliveryState.FAILED, f"{self.name} {code}", provider_id=said["sid"][:120])
        return Outcome(DeliveryState.SENT, provider_id=said["sid"][:120])


def _code(answer: Answer) -> int:
    said = answer.data or {}
    code = said.get("code", said.get("error_code"))
    return code if isinstance(code, int) else 0
