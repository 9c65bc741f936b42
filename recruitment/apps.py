"""The recruitment app."""

from django.apps import AppConfig


class RecruitmentConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "recruitment"
