"""What a county chooses of leaving and keeping, and who answers for its members' data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.models import Branch
from privacy.models import PrivacySettings
from privacy.rules import rules_for

FIELDS: Final = (
    "correction_days",
    "unpaid_from",
    "unpaid_months",
    "notice_days",
    "controller",
    "controller_address",
    "contact_email",
    "contact_phone",
    "protection_officer_email",
    "accessibility_email",
)


class NotACounty(Exception):
    """The rules are the county's: a branch under it has none of its own."""


@transaction.atomic
def change_settings(county: Branch, *, values: Mapping[str, Any], by: User, now: datetime) -> list[str]:
    """Write what is new among `values`; the names of what changed. Of two at the same time the last one stands.

    Those who have left already keep their day. Raises `NotACounty`, and `ValidationError` for a value out of bounds.
    """
    if not county.is_county:
        raise NotACounty
    # The branch is what is locked: there may be no row yet.
    Branch.objects.select_for_update().get(pk=county.pk)
    row = PrivacySettings.objects.filter(pk=county.pk).first() or rules_for(county.pk)
    changed = [name for name in FIELDS if name in values and values[name] != getattr(row, name)]
    if not changed:
        return []
    for name in changed:
        setattr(row, name, values[name])
    row.changed_by, row.changed_at = by, now
    row.clean_fields(exclude=["county"])
    row.save()
    record(Verb.PRIVACY_SETTINGS_CHANGED, by=by, branch_id=county.pk, fields=",".join(changed))
    return changed
