"""Three emails that wait, and a way out that does as it is told."""

from __future__ import annotations

import pytest

from accounts.models import User
from membership.models import Branch
from messaging.enums import MessageState
from messaging.models import Delivery, Message
from tests.access_mail import make_message
from tests.factories import NOW, make_member, make_officer
from tests.messaging.way_out import NAMES, WayOut, open_way_out, wait_for


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> WayOut:
    return open_way_out(monkeypatch)


@pytest.fixture
def user(county: Branch) -> User:
    return make_officer(county)


@pytest.fixture
def message(county: Branch, user: User) -> Message:
    """One that is being sent."""
    return make_message(county, user, MessageState.SENDING, started_at=NOW, expanded_at=NOW, due_at=NOW)


@pytest.fixture
def three(message: Message, county: Branch) -> list[Delivery]:
    """In the order in which they go."""
    deliveries = [wait_for(message, make_member(county, name)) for name in NAMES]
    return sorted(deliveries, key=lambda delivery: delivery.pk)
