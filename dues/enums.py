"""States of a claim, and where payments come from."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ClaimState(models.TextChoices):
    """Whether anything is still asked for. Paid or not is told by `outstanding_ore`, not by a flag."""

    RAISED = "raised", _("Raised")
    WAIVED = "waived", _("Waived")
    CANCELLED = "cancelled", pgettext_lazy("claim", "Cancelled")


class DuesStatus(models.TextChoices):
    """What people say of a claim."""

    PAID = "paid", _("Paid")
    PARTIAL = "partial", _("Partly paid")
    UNPAID = "unpaid", _("Not paid")
    WAIVED = "waived", _("Waived")
    NONE = "none", _("No claim")


TONES: Final[Mapping[str, str]] = MappingProxyType(
    {
        DuesStatus.PAID: "success",
        DuesStatus.PARTIAL: "warning",
        DuesStatus.UNPAID: "danger",
        DuesStatus.WAIVED: "neutral",
        DuesStatus.NONE: "neutral",
    }
)


class PaymentSource(models.TextChoices):
    """How we know of a payment."""

    MANUAL = "manual", _("Registered by hand")
    REGISTER = "register", _("The central register's file")
    OCR = "ocr", _("OCR file")
    CAMT = "camt", _("Bank file")
    MERGE = "merge", _("Two records became one")
