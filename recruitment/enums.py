"""Kinds of election."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ElectionKind(models.TextChoices):
    """The election authority's codes."""

    MUNICIPAL = "ko", _("Municipal election")
    COUNTY = "fy", _("County election")
    STORTING = "st", _("Storting election")
    SAMEDIGGI = "sa", _("Sámediggi election")
