"""The fixed words of messages: channels, states, purposes, reasons."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How it goes out. Letters are printed and posted by hand."""

    EMAIL = "email", _("Email")
    SMS = "sms", _("SMS")
    LETTER = "letter", _("Letter")


class Way(models.TextChoices):
    """By which channels a message goes: the second only to those whom the first does not reach."""

    EMAIL = "email", _("Email")
    SMS = "sms", _("SMS")
    BOTH = "both", _("Email, else SMS")


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
    """What it is for. The first ones are between the house and one person; those of messages stand in `PURPOSES`."""

    SIGN_IN = "sign_in", _("Sign-in")
    INVITATION = "invitation", _("Invitation")
    NOTICE = "notice", _("Notice")
    # An answer from the inbox, the confirmation of a STOPP, a test to oneself.
    REPLY = "reply", _("Answer")
    TEST = "test", _("Test")
    NEWSLETTER = "newsletter", _("Newsletter")
    MEETINGS = "meetings", _("Meetings")
    SURVEYS = "surveys", _("Surveys")
    RECRUITMENT = "recruitment", _("Recruitment")
    FUNDRAISING = "fundraising", _("Fundraising")
    SERVICE = "service", _("Own dues and formal notices")


# What one can write to members about. Service messages cannot be reserved against; fundraising asks for consent.
PURPOSES: Final = (
    Purpose.NEWSLETTER,
    Purpose.MEETINGS,
    Purpose.SURVEYS,
    Purpose.RECRUITMENT,
    Purpose.FUNDRAISING,
    Purpose.SERVICE,
)


class MessageState(models.TextChoices):
    """draft → (approval →) queued → sending → done; stopped and expired are ends too.

    Queued: it has its recipients, or gets them now, and waits for its time. It can be taken back to draft till then.
    """

    DRAFT = "draft", _("Draft")
    APPROVAL = "approval", _("Waiting for a second person")
    QUEUED = "queued", _("Waiting for its time")
    SENDING = "sending", _("Being sent")
    DONE = "done", _("Sent")
    STOPPED = "stopped", _("Stopped")
    EXPIRED = "expired", _("Expired")


class Reason(models.TextChoices):
    """Why somebody does not get a message; empty where they do. The first that fits, in this order."""

    NONE = "", _("gets it")
    LEFT = "left", _("are no longer members")
    PROTECTED = "protected", _("are shielded")
    UNDER_AGE = "under_age", _("are too young for this")
    NO_CONSENT = "no_consent", _("have not agreed to be asked for gifts")
    NO_PURPOSE = "no_purpose", _("have said no to this kind of message")
    NO_CHANNEL = "no_channel", _("have said no to this way of being reached")
    NO_ADDRESS = "no_address", _("have no address we can use")
    STOPPED = "stopped", _("have answered STOPP, or complained")
    WRONG = "wrong", _("have an address that does not work")
    SHARED = "shared", _("share an address with another, who gets it")
    # Found at the moment of sending.
    NOT_IN_AUDIENCE = "not_asked", _("no longer belong to those chosen, for instance because they have paid")
    EXPIRED = "expired", _("were not reached before the time ran out")
    STOPPED_BY_HAND = "stopped_by", _("were left when the sending was stopped")


class BlockReason(models.TextChoices):
    """Why nothing is sent to an address or a number, whoever has it."""

    STOPP = "stopp", _("answered STOPP")
    COMPLAINT = "complaint", _("complained")
    HARD = "hard", _("does not exist")
    SOFT = "soft", _("came back several times")
    WRONG = "wrong", _("is somebody else's")


class InboxState(models.TextChoices):
    """What has been done with a message that came in. Automatic: a STOPP, or a keyword that another part took."""

    OPEN = "open", _("Not answered")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Needs no answer")
    AUTOMATIC = "automatic", _("Handled automatically")


class TemplateKind(models.TextChoices):
    """What a saved text is for."""

    MESSAGE = "message", _("Message")
    REPLY = "reply", _("Answer")
