"""A county's rules of leaving and keeping; those of docs/retention.yaml until somebody has chosen."""

from __future__ import annotations

from datetime import date, timedelta

from common.policy import policy
from membership.models import Branch
from privacy.models import PrivacySettings


def rules_of(branch: Branch) -> PrivacySettings:
    """The rules that hold in a branch's county; unsaved where nobody has chosen yet."""
    return rules_for(branch.root_id)


def rules_for(county_id: int) -> PrivacySettings:
    """The same by the county's id. What it once chose is never longer than the policy lets it be now."""
    found = PrivacySettings.objects.filter(pk=county_id).first()
    if found is None:
        return PrivacySettings(
            county_id=county_id,
            correction_days=policy().amount("leaving", "days"),
            unpaid_months=policy().amount("unpaid", "months"),
        )
    found.correction_days = min(found.correction_days, policy().most("leaving"))
    found.unpaid_months = min(found.unpaid_months, policy().most("unpaid"))
    return found


def erase_day(county_id: int, today: date) -> date:
    """The day the record of one who leaves today is erased."""
    return today + timedelta(days=rules_for(county_id).correction_days)
