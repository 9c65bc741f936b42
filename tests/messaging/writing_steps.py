"""What one does on the page on which a message is written."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from membership.models import Branch
from messaging.models import Message
from tests.access_mail import make_message


def new(branch: Branch) -> str:
    return reverse("messaging:message_new", args=[branch.slug])


def url(name: str, message: Message, *args: Any) -> str:
    return reverse(f"messaging:{name}", args=[message.branch.slug, message.pk, *args])


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def hidden(answer: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found, name
    return found[1]


def draft(branch: Branch, by: User, **fields: Any) -> Message:
    return make_message(branch, by, **fields)


def filled(message: Message | None = None, **fields: Any) -> dict[str, Any]:
    """What a browser would send: everybody, by email."""
    return {
        "to": "alle",
        "way": "email",
        "purpose": "newsletter",
        "when": "now",
        "subject_nb": "Møte",
        "body_nb": "Hei {{ fornavn }}!",
        "sms_nb": "",
        "handling": "utkast",
        "seen": message.changed_at.isoformat() if message else "",
        **fields,
    }


def send(client: Client, message: Message, **fields: Any) -> Any:
    """As one does who has looked at the page."""
    page = client.get(url("message_edit", message))
    data = filled(message, handling="send", print=hidden(page, "print"), seen=hidden(page, "seen"))
    for text_row in message.texts.all():
        data |= {f"{part}_{text_row.language}": getattr(text_row, part) for part in ("subject", "body", "sms")}
    return client.post(url("message_edit", message), {**data, "way": message.way, **fields})
