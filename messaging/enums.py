"""A delivery's channel and state."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How it goes out."""

    EMAIL = "email", _("Email")
    SMS = "sms", _("SMS")


class DeliveryState(models.TextChoices):
    """queued → sending → sent | failed | bounced | unknown | cancelled."""

    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    BOUNCED = "bounced", _("Bounced")
    UNKNOWN = "unknown", _("Unknown")
    CANCELLED = "cancelled", _("Cancelled")


class Purpose(models.TextChoices):
    """What it is for: sign-in codes go at once and are wiped."""

    SIGN_IN = "sign_in", _("Sign-in")
    INVITATION = "invitation", _("Invitation")
    NOTICE = "notice", _("Notice")
