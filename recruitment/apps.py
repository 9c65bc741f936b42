"""The recruitment app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecruitmentConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "recruitment"

    def ready(self) -> None:
        """The targets' place in the menu."""
        from membership.extensions import NavItem, registry
        from membership.roles import Permission
        from recruitment.merging import MERGER
        from recruitment.reforms import REFORM

        registry.nav.append(
            NavItem("verving", _("Recruitment"), "TrendUp", "recruitment:targets", Permission.VIEW_TARGETS, order=50)
        )
        registry.reforms.append(REFORM)
        registry.mergers.append(MERGER)
