"""Template letters of a breach, in our own words: to the authority, to those it is about, to those who got it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from membership.extensions import Text
from privacy.models import Breach
from privacy.rules import rules_for


@dataclass(frozen=True, slots=True)
class Letter:
    """One of them; `template` is plain text."""

    key: str
    title: Text
    explain: Text
    template: str


LETTERS: Final = (
    Letter(
        "datatilsynet",
        _("To the data protection authority"),
        _("What article 33 asks for, to be pasted into the authority’s form."),
        "privacy/letters/authority.txt",
    ),
    Letter(
        "berorte",
        _("To those it is about"),
        _("What happened, what it can lead to, and what they can do (article 34)."),
        "privacy/letters/people.txt",
    ),
    Letter(
        "mottakere",
        _("To those who got it by mistake"),
        _("Please delete it, and confirm."),
        "privacy/letters/receivers.txt",
    ),
)


def letter_named(key: str) -> Letter | None:
    """By its word in the address."""
    return next((letter for letter in LETTERS if letter.key == key), None)


def text_of(letter: Letter, breach: Breach) -> str:
    """The letter filled in, as plain text: what is not known yet stands in brackets."""
    rules = rules_for(breach.county_id)
    shown: dict[str, Any] = {
        "one": breach,
        "controller": rules.controller or breach.county.name,
        "address": rules.controller_address,
        "email": rules.contact_email,
        "phone": rules.contact_phone,
        "officer": rules.protection_officer_email,
        "kind": breach.get_kind_display(),
    }
    return render_to_string(letter.template, shown).strip() + "\n"
