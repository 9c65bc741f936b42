"""The overview app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from membership.models import Branch


def label(branch: Branch) -> str | Promise:
    """A county looks over its branches, a branch at its day."""
    return _("Overview") if branch.is_county else _("Today")


class OverviewConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "overview"

    def ready(self) -> None:
        """The first place in the menu."""
        from membership.extensions import NavItem, registry
        from membership.roles import Permission

        registry.nav.append(NavItem("oversikt", label, "House", "overview:branch", Permission.VIEW_OVERVIEW, order=10))
