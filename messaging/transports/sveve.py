"""Sveve's interface: one form, answered in JSON. https://sveve.no/apidok/send"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from messaging.enums import DeliveryState
from messaging.transports.base import Outcome, Outgoing
from messaging.transports.gateway import Answer, Gateway

# What its errors say, in Norwegian or English, as far as it is known: first what concerns our account.
_ACCOUNT: Final = ("passord", "password", "kreditt", "credit", "saldo", "sms igjen", "nok sms", "sperret", "konto")
# About the number itself; “ugyldig avsender” is about us.
_NUMBER: Final = (
    "ikke et mobilnummer",
    "not a mobile",
    "ugyldig mobilnummer",
    "ugyldig telefonnummer",
    "invalid number",
)
_COUNTRY: Final = ("landet", "country")


class SveveTransport(Gateway):
    """One SMS a request. Its reports come back with our own id as `ref`."""

    name: ClassVar[str] = "Sveve"
    longest: ClassVar[int] = 1071

    def request(self, outgoing: Outgoing) -> tuple[str, dict[str, str], tuple[str, str] | None]:
        """The password is a field of the form: Sveve has no other way, so it goes in the body, never in an address."""
        fields = {
            "user": self.account.user,
            "passwd": self.account.secret,
            "to": outgoing.address.removeprefix("+"),
            "msg": outgoing.text,
            "ref": str(outgoing.id),
            "f": "json",
        }
        if sender := self.sender_of(outgoing):
            fields["from"] = sender.removeprefix("+")
        # Lets the recipient answer: Sveve then puts a number of its own in the sender's place.
        if self.account.options.get("reply") == "true":
            fields["reply"] = "true"
        return "/SMS/SendMessage", fields, None

    def read(self, answer: Answer) -> Outcome:
        """Errors come with status 200, as text: we keep what kind they are, not what they say."""
        if outcome := self.by_status(answer):
            return outcome
        if answer.status >= 400:
            return self.refused(str(answer.status))
        said = (answer.data or {}).get("response", answer.data)
        if not isinstance(said, dict):
            return self.unreadable(answer)
        if said.get("fatalError"):
            return self.account_fault(_kind(str(said["fatalError"])))
        if _count(said.get("msgOkCount")):
            ids = said.get("ids")
            known = ids[0] if isinstance(ids, list) and ids else ""
            return Outcome(DeliveryState.SENT, provider_id=str(known)[:120])
        errors = said.get("errors")
        if not isinstance(errors, list) or not errors:
            return self.unreadable(answer)
        kind = _kind(str(errors[0].get("message") if isinstance(errors[0], dict) else errors[0]))
        return self.account_fault(kind) if kind == "credit" else self.refused(kind)


def _kind(text: str) -> str:
    """One word for what is wrong."""
    said = text.casefold()
    if any(word in said for word in _COUNTRY):
        return "country"
    if any(word in said for word in _NUMBER):
        return "number"
    return "credit" if any(word in said for word in _ACCOUNT) else "refused"


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0
