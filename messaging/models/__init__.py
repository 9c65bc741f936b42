"""Messages, their deliveries, and what comes back."""

from messaging.models.contact import BlockedAddress, InboxMessage, InboxReply
from messaging.models.delivery import Delivery, DeliveryQuerySet, Recipient, RecipientQuerySet, SendingRun
from messaging.models.message import (
    COUNTY_FIELDS,
    Message,
    MessageQuerySet,
    MessageTemplate,
    MessageText,
    MessagingSettings,
    settings_of,
)

__all__ = [
    "COUNTY_FIELDS",
    "BlockedAddress",
    "Delivery",
    "DeliveryQuerySet",
    "InboxMessage",
    "InboxReply",
    "Message",
    "MessageQuerySet",
    "MessageTemplate",
    "MessageText",
    "MessagingSettings",
    "Recipient",
    "RecipientQuerySet",
    "SendingRun",
    "settings_of",
]
