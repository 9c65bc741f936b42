"""From a delivery to what leaves the house: texts, sender, where answers go, and the way out of the list."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape
from typing import Final

from django.utils.translation import gettext as _

from membership.models import Branch
from messaging.enums import Channel, Purpose
from messaging.models import Delivery, Message, MessagingSettings, Recipient, settings_of
from messaging.transports.base import Outgoing
from messaging.transports.headers import standing_headers
from messaging.transports.letterhead import FOOTER
from messaging.unsubscribe import headers_for
from messaging.writing.compose import Composer, Person, Written

# A sender that tells neither party nor debt on a locked phone.
NEUTRAL_SENDER: Final = "Beskjed"
_LONGEST_SENDER: Final = 11
# How a party is written short in a name: by the last word of the branch's own.
_SHORT: Final = {"arbeiderparti": " Ap", "ap": " Ap"}
# What no accent can be taken from.
_LETTERS: Final = str.maketrans(
    {"æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T", "ß": "ss"}
)


class Renderer:
    """Writes out one message for many; what is the same for all is looked up once."""

    def __init__(self, composer: Composer, settings_row: MessagingSettings) -> None:
        self.composer = composer
        self.settings = settings_row
        self.branch = composer.message.branch
        is_for_officers = composer.message.audience.get("kind") == "officers"
        why = (
            _("You get this because you hold an office in %s.")
            if is_for_officers
            else _("You get this as a member of %s.")
        )
        self._why = why % self.branch.name

    def outgoing(self, delivery: Delivery, recipients: Sequence[Recipient]) -> Outgoing:
        """For those who share the delivery. The composer has `load`ed their values."""
        delivery.message, delivery.branch = self.composer.message, self.branch
        written = self.composer.compose([person_of(recipient) for recipient in recipients])
        if delivery.channel == Channel.SMS:
            return Outgoing(
                delivery.pk, delivery.address, written.sms, sender=sms_sender(delivery.purpose, self.settings)
            )
        return self._email(delivery, written)

    def _email(self, delivery: Delivery, written: Written) -> Outgoing:
        text, html = written.text, written.html
        headers = standing_headers(delivery)
        text = f"{text.rstrip()}\n\n-- \n{self._why}\n"
        html = f"{html}{FOOTER}<p>{escape(self._why)}</p>"
        if leaving := headers_for(delivery):
            url, words = leaving["List-Unsubscribe"].strip("<>"), _("Choose what you get from us, or nothing")
            text += f"{words}: {url}\n"
            html += f'<p><a href="{escape(url)}">{escape(words)}</a></p>'
            headers |= leaving
        return Outgoing(
            delivery.pk,
            delivery.address,
            text,
            subject=written.subject,
            html=html,
            sender=self.settings.sender_name or self.branch.name,
            reply_to=self.settings.reply_to,
            headers=headers,
        )


def renderer_of(message: Message) -> Renderer:
    """Reads the message's texts and its branch's settings."""
    row = settings_of(message.branch)
    row.branch = message.branch
    return Renderer(Composer(message), row)


def outgoing_alone(delivery: Delivery) -> Outgoing:
    """A code, a notice, an answer: it carries its own text. Load its branch along."""
    return Outgoing(
        delivery.pk,
        delivery.address,
        delivery.body,
        subject=delivery.subject,
        html=delivery.body_html,
        sender=delivery.sender_name or _own_sender(delivery),
        reply_to=delivery.reply_to,
        headers=standing_headers(delivery) if delivery.channel == Channel.EMAIL else {},
    )


def _own_sender(delivery: Delivery) -> str:
    if delivery.channel == Channel.SMS and delivery.branch is not None:
        return sms_name(delivery.branch)
    return ""


def person_of(recipient: Recipient) -> Person:
    """The member, or the officer."""
    person = recipient.member or recipient.user
    assert person is not None  # noqa: S101 - a constraint says so
    return person


def sms_sender(purpose: str, settings_row: MessagingSettings) -> str:
    """Whom an SMS is from, as the phone shows it. `settings_row.branch` is the branch that writes."""
    if purpose == Purpose.SERVICE:
        return settings_row.service_sms_sender or NEUTRAL_SENDER
    return settings_row.sms_sender or sms_name(settings_row.branch)


def sms_name(branch: Branch) -> str:
    """The branch's name in at most 11 letters that every phone can show: “Kafjord Ap”; of other parties the place."""
    party = _SHORT.get(branch.name.rpartition(" ")[2].casefold(), "")
    place = "".join(letter for letter in _plain(branch.place) if letter.isalnum() or letter == " ")
    room = _LONGEST_SENDER - len(party)
    return f"{' '.join(place.split())[:room].rstrip()}{party}".strip()


def _plain(text: str) -> str:
    """Without accents, in ASCII."""
    apart = unicodedata.normalize("NFKD", text.translate(_LETTERS).replace("-", " "))
    return apart.encode("ascii", "ignore").decode()
