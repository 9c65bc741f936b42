"""The rules of docs/retention.yaml as a board and members read them; the same rows on every page that shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.policy import Rule, policy
from privacy.enums import UnpaidFrom
from privacy.models import PrivacySettings

_DOERS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "database": gettext_lazy("By itself, together with what it belongs to"),
        "by_hand": gettext_lazy("A person does it"),
        "nobody": gettext_lazy("Nobody: it stays"),
    }
)
# What the demo does instead of sending.
_DEMO_ONLY: Final = frozenset({"text_demo"})


@dataclass(frozen=True, slots=True)
class Shown:
    """One rule: what, why, how long, what the county has chosen, who carries it out, and of which fields."""

    key: str
    name: str
    why: str
    until: str
    here: str
    doers: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]


def shown_rules(chosen: PrivacySettings) -> list[Shown]:
    """All rules that hold in this house, in the file's order, with what a county has chosen."""
    hidden = frozenset[str]() if settings.DEMO else _DEMO_ONLY
    return [_shown(rule, chosen) for rule in policy().rules.values() if rule.key not in hidden]


def _shown(rule: Rule, chosen: PrivacySettings) -> Shown:
    return Shown(
        key=rule.key,
        name=rule.name,
        why=rule.why,
        until=str(capfirst(rule.until)),
        here=_here(rule, chosen),
        # Two tasks may do alike: said once.
        doers=tuple(dict.fromkeys(_doer(name) for name in rule.carried_out_by)),
        fields=tuple((table, ", ".join(names)) for table, names in rule.fields.items()),
    )


def _here(rule: Rule, chosen: PrivacySettings) -> str:
    """What the county has chosen; empty where there is nothing to choose."""
    if rule.keep.setting == "correction_days":
        days = chosen.correction_days
        return ngettext("Here: %(n)d day", "Here: %(n)d days", days) % {"n": days}
    if rule.keep.setting == "unpaid_months":
        months = chosen.unpaid_months
        if chosen.unpaid_from == UnpaidFrom.DUE_DATE:
            text = ngettext("Here: %(n)d month after the due date", "Here: %(n)d months after the due date", months)
        else:
            text = ngettext("Here: %(n)d month after the dues year", "Here: %(n)d months after the dues year", months)
        return text % {"n": months}
    return ""


def _doer(name: str) -> str:
    if name in _DOERS:
        return str(_DOERS[name])
    line = next((line for line in settings.SCHEDULE if line.task == name), None)
    if line is None:
        return _("By itself, as soon as it is no longer needed")
    return _("The program, by itself: %(what)s") % {"what": line.what_for}
