"""Twilio's interface: a form for each message, answered in JSON, with numbered errors."""

from __future__ import annotations

from typing import ClassVar, Final
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse

from messaging.enums import DeliveryState
from messaging.transports.base import Outcome, Outgoing
from messaging.transports.gateway import Answer, Gateway

# Our account, our sender, our limits: true of all that wait. The others are about this number or this text.
_ACCOUNT: Final = frozenset(
    {20003, 20005, 20006, 20008, 20429, 21212, 21603, 21606, 21608, 21659, 21660, 21703, 30001, 30002, 63038}
)
_GONE_WRONG: Final = frozenset({"failed", "undelivered", "canceled"})


def report_path() -> str:
    """Where Twilio reports to; empty where those addresses are closed."""
    if not settings.WEBHOOK_SECRET:
        return ""
    return settings.PUBLIC_URL + reverse("messaging:twilio_report", args=[settings.WEBHOOK_SECRET])


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
        if report := report_path():
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
