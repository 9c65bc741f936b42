"""manage.py fetch_bounces: read the return mailbox now."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from messaging.bounces.fetching import fetch
from messaging.bounces.mailbox import MailboxError


class Command(BaseCommand):
    """Read the return mailbox, as the clockwork does by itself."""

    help = "Read returned mail and answers from the mailbox RETURN_IMAP_URL names."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Say how many there were of each kind; or what is wrong."""
        if not settings.RETURN_IMAP_URL:
            raise CommandError("Set RETURN_IMAP_URL to the mailbox that returned mail comes to.")
        try:
            counted = fetch(clock=timezone.now)
        except (MailboxError, ImproperlyConfigured) as error:
            raise CommandError(f"The return mailbox cannot be read: {error}") from None
        told = ", ".join(f"{kind} {count}" for kind, count in sorted(counted.items()))
        self.stdout.write(told or "nothing new")
