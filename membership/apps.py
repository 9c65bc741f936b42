"""The membership app."""

from django.apps import AppConfig


class MembershipConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "membership"

    def ready(self) -> None:
        """Register the place in the menu, what jobs can be asked to do, and who needs a second factor."""
        from django.utils.translation import gettext_lazy as _

        from accounts import second_factor
        from membership import bulk_handlers, duplicate_extensions  # noqa: F401
        from membership.access import opens_register
        from membership.actions.handovers import IMPORTS
        from membership.actions.stores import ERASURE
        from membership.duplicates import handlers as duplicates  # noqa: F401
        from membership.exporting import corrections_file  # noqa: F401
        from membership.exporting import jobs as export_jobs  # noqa: F401
        from membership.extensions import NavItem, registry
        from membership.importing import handlers  # noqa: F401
        from membership.quality import CHECKS
        from membership.roles import Permission

        registry.nav.append(
            NavItem("medlemmer", _("Members"), "PersonGroup", "membership:member_list", Permission.VIEW_MEMBERS, 20)
        )

        registry.handovers.append(IMPORTS)
        registry.quality.extend(CHECKS)
        registry.erasures.append(ERASURE)

        duplicate_extensions.register()
        second_factor.register(opens_register)
