"""The demo's mailbox: what would have been sent, had this not been the demo."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from messaging.mailbox import letters


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The last day's messages. Open to all, as the demo's accounts are; in production there is no such page."""
    if not settings.DEMO:
        raise Http404
    record(Verb.MAILBOX_OPENED, by=request.user if isinstance(request.user, User) else None)
    return render(request, "demo/mailbox.html", {"letters": letters(now=timezone.now())})
