"""How a branch writes: its sender, its budget; and for the county the limits, hours and price that hold for all."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.models import Branch
from messaging.models import COUNTY_FIELDS, MessagingSettings

BRANCH_FIELDS: Final = (
    "sender_name",
    "reply_to",
    "sms_sender",
    "service_sms_sender",
    "sms_budget_ore",
    "substitute_id",
)


class SettingsChanged(Exception):
    """Somebody else has changed them since the form was shown; `now` is what stands there."""

    def __init__(self, now: MessagingSettings) -> None:
        super().__init__(now.branch_id)
        self.now = now


def own_settings(branch: Branch) -> MessagingSettings:
    """The branch's row, or one with the defaults: its own fields, and for a county those of all."""
    return MessagingSettings.objects.filter(branch=branch).first() or MessagingSettings(branch=branch)


def fields_of(branch: Branch) -> tuple[str, ...]:
    """What may be changed here."""
    return (*BRANCH_FIELDS, *COUNTY_FIELDS) if branch.is_county else BRANCH_FIELDS


def state_of(row: MessagingSettings) -> str:
    """A mark of all that stands there, another whenever something does."""
    told = [getattr(row, name) for name in (*BRANCH_FIELDS, *COUNTY_FIELDS)]
    return sha256(repr(told).encode()).hexdigest()[:16]


@transaction.atomic
def change_settings(branch: Branch, *, values: Mapping[str, Any], seen: str, by: User) -> list[str]:
    """Write what is new among `values`; the names of what changed. `seen` is `state_of` what was shown.

    Fields that are the county's are not written in other branches. Raises `SettingsChanged`.
    """
    # The branch is what is locked: there may be no row yet.
    Branch.objects.select_for_update().get(pk=branch.pk)
    row = own_settings(branch)
    changed = [name for name in fields_of(branch) if name in values and values[name] != getattr(row, name)]
    if not changed:
        return []
    if state_of(row) != seen:
        raise SettingsChanged(row)
    for name in changed:
        setattr(row, name, values[name])
    row.save()
    record(Verb.MESSAGING_SETTINGS_CHANGED, by=by, branch_id=branch.pk, fields=",".join(changed))
    return changed
