"""A county's rules of leaving and keeping; those of a new county until somebody has chosen."""

from __future__ import annotations

from membership.models import Branch
from privacy.models import PrivacySettings


def rules_of(branch: Branch) -> PrivacySettings:
    """The rules that hold in a branch's county; unsaved where nobody has chosen yet."""
    return rules_for(branch.root_id)


def rules_for(county_id: int) -> PrivacySettings:
    """The same by the county's id."""
    return PrivacySettings.objects.filter(pk=county_id).first() or PrivacySettings(county_id=county_id)
