"""Whom a member can write to about their data, on pages that do not know whose member it is."""

from __future__ import annotations

from dataclasses import dataclass

from membership.enums import BranchKind
from membership.models import Branch
from privacy.rules import rules_of


@dataclass(frozen=True, slots=True)
class Contact:
    """A county and how it is reached; either may be empty."""

    name: str
    email: str
    phone: str


def contacts() -> list[Contact]:
    """Every county's, where it has said how: the same whoever asks, so they tell nothing of anybody's membership."""
    found = [contact_of(county) for county in Branch.objects.filter(kind=BranchKind.COUNTY).in_order()]
    return [contact for contact in found if contact.email or contact.phone]


def contact_of(branch: Branch) -> Contact:
    """The one of a branch's county."""
    rules = rules_of(branch)
    county = branch if branch.is_county else branch.county
    return Contact(county.name if county else "", rules.contact_email, rules.contact_phone)
