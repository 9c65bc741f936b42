"""A browser with a member's own session in it, opened as the spent link opens it."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.test import Client

from common import clock
from membership.models import Member
from privacy.access import open_session


def open_for(client: Client, member: Member) -> Client:
    """Let the member in with this browser, beside whoever is signed in with it."""
    session: SessionBase = client.session
    session.save()
    request = HttpRequest()
    request.session = session
    open_session(request, member, now=clock.machine_time())
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    return client
