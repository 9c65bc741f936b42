"""What the public pages about privacy and accessibility are filled with: the county's settings and the policy."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from membership.extensions import Todo
from membership.models import Branch
from privacy.models import PrivacySettings
from privacy.policy_page import shown_rules
from privacy.rules import rules_of


def counties(today: date) -> list[Branch]:
    """Those that have members' data here, by name."""
    return list(Branch.objects.counties().in_force(today).in_order())


def says_who_answers(settings: PrivacySettings) -> bool:
    """Whether a member can read who answers, and how to reach them."""
    return bool(settings.controller and (settings.contact_email or settings.contact_phone))


def statement_of(county: Branch) -> dict[str, Any]:
    """What one county's pages show. Where nothing is filled in, the branch's own email stands in for it."""
    settings = rules_of(county)
    email = settings.contact_email or county.email
    return {
        "county": county,
        "settings": settings,
        "is_filled": says_who_answers(settings),
        "email": email,
        "barriers_email": settings.accessibility_email or email,
        "rules": shown_rules(settings),
    }


def unanswered_for(branch: Branch, _user: User, _today: date) -> list[Todo]:
    """The county that has not said who answers for the data is asked to."""
    if not branch.is_county or says_who_answers(rules_of(branch)):
        return []
    return [
        Todo(
            "ShieldLock",
            _("Write who answers for the data"),
            _("The public page about privacy does not say it yet. Members have a right to know."),
            _("Fill in"),
            reverse("privacy:settings", args=[branch.slug]),
        )
    ]
