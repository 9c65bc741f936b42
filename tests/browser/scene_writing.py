"""Drafts, for the pictures and the browser tests: an SMS with a dear character, a newsletter, a text that is kept."""

from __future__ import annotations

from typing import Final

from django.test import Client
from django.urls import reverse

_SMS: Final = (
    "Hei {{ fornavn }}! Medlemsmøte i morgen kl. 18.30 på Kulturhuset – kaffe og kake fra 18. Ta med en venn! "
    "Hilsen {{ kommuneparti }}. Svar STOPP for å slippe SMS."
)
_BODY: Final = (
    "Hei {{ fornavn }}!\n\n## Dette har vi fått til\n\nKommunestyret sa **ja** til ny svømmehall. "
    "Les [hele saken](https://example.no/sak).\n\n## Dette skjer\n\n- 3. desember: julemøte på Samfunnshuset\n"
    "- 12. januar: studiering\n\nHilsen {{ kommuneparti }}"
)
_EVERYBODY: Final = {"to": "alle", "purpose": "meetings", "when": "now"}


def add_writing(urls: dict[str, str], client: Client) -> None:
    """Written by the officer of Kåfjord."""
    new = reverse("messaging:message_new", args=["kafjord"])
    later = {**_EVERYBODY, "when": "later", "send_on": "02.12.2036", "send_time": "17.00"}
    urls["write_sms"] = client.post(new, {**later, "way": "sms", "sms_nb": _SMS})["Location"]
    email = {**_EVERYBODY, "purpose": "newsletter", "way": "email", "subject_nb": "Nytt fra {{ kommuneparti }}"}
    urls["write_email"] = client.post(new, {**email, "body_nb": _BODY, "subject_se": "Ođđasat", "body_se": "Bures!"})[
        "Location"
    ]
    urls["write_unfinished"] = client.post(new, {**_EVERYBODY, "way": "both", "template": "mote", "handling": "mal"})[
        "Location"
    ].partition("#")[0]
    urls["write_left_out"] = urls["write_email"].replace("skriv/", "far-ikke/no_address/")
    client.post(
        reverse("messaging:template_new", args=["kafjord"]),
        {"kind": "message", "name": "Studiering", "purpose": "meetings", "body": "Hei {{ fornavn }}! [dag]"},
    )
