"""A real worker and a real broker: told to stop, it leaves nothing in doubt."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from messaging.enums import Channel, DeliveryState, MessageState
from messaging.models import Delivery, SendingRun
from messaging.outbox.pump import tell
from tests.access_mail import make_message
from tests.factories import make_county, make_member, make_officer
from tests.messaging.post_office import Clerk, PostOffice, open_post_office
from tests.messaging.way_out import wait_for

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]


class SlowClerk(Clerk):
    """Takes its time over each letter."""

    def read_letter(self) -> EmailMessage:
        """Long enough for somebody to be stopped in it."""
        time.sleep(0.05)
        return super().read_letter()


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    """Where the worker, which is started after this, sends its mail."""
    with open_post_office() as office:
        office.RequestHandlerClass = SlowClerk
        monkeypatch.setenv("MODE", "production")
        monkeypatch.setenv("PUBLIC_URL", "https://medlemsboka.example")
        monkeypatch.setenv("SECRET_KEY", "x" * 50)
        monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{office.port}")
        yield office


def test_a_worker_that_is_told_to_stop_leaves_nothing_in_doubt(
    office: PostOffice, worker: subprocess.Popen[bytes], wait_for_it: Callable[[Callable[[], Any]], None]
) -> None:
    county = make_county()
    message = make_message(county, make_officer(county), MessageState.SENDING)
    for number in range(40):
        wait_for(message, make_member(county, f"A{number}"), not_before_at=datetime(2020, 1, 1, tzinfo=UTC))
    tell(Channel.EMAIL)
    wait_for_it(lambda: len(office.letters) >= 5)
    worker.terminate()
    worker.wait(20)
    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert set(states) == {DeliveryState.SENT, DeliveryState.QUEUED}
    assert states[DeliveryState.SENT] == len(office.letters)
    assert not SendingRun.objects.exists()
