"""One link pressed twice at the same moment, on a database that lets two write: it is spent once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from membership.enums import MemberStatus
from membership.models import Branch, Member
from messaging.models import Delivery
from privacy.actions.departures import leave
from privacy.actions.resign_links import send_resign_link
from privacy.enums import LeaveWay
from privacy.models import AccessLink, Departure
from tests.factories import NOW, TODAY, make_branch, make_county
from tests.privacy.linking import BORN, link_in, member_of, my_page_link_of, resign_link_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at once: SQLite has one at a time"),
]

_PRESSES = 4


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.actions.outbox.kick", lambda _pk: None)


@pytest.fixture
def branch(transactional_db: None) -> Branch:
    return make_branch(make_county())


@pytest.fixture
def member(branch: Branch) -> Member:
    return member_of(branch)


def at_once(*actions: Callable[[], object]) -> list[Any]:
    """What came of each."""
    together = threading.Barrier(len(actions))

    def act(action: Callable[[], object]) -> object:
        together.wait()
        try:
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(act, actions))


def press(path: str, proof: object = BORN) -> Callable[[], int]:
    return lambda: Client().post(path, {"proof": str(proof)}).status_code


def test_a_link_to_ones_own_page_lets_in_one(member: Member) -> None:
    statuses = at_once(*[press(my_page_link_of(member))] * _PRESSES)
    assert sorted(statuses) == [302, *[404] * (_PRESSES - 1)]
    assert AccessLink.objects.get().spent_at == NOW


def test_a_link_to_leave_is_one_leaving_and_one_receipt_for_each_address(member: Member) -> None:
    statuses = at_once(*[press(resign_link_of(member))] * _PRESSES)
    assert sorted(statuses) == [302, *[404] * (_PRESSES - 1)]
    assert Departure.objects.count() == 1
    assert Delivery.objects.filter(key__startswith="left:").count() == 2


def test_two_links_of_one_member_are_one_leaving(member: Member) -> None:
    statuses = at_once(press(resign_link_of(member)), press(resign_link_of(member)))
    assert sorted(statuses) == [302, 404]
    assert Departure.objects.count() == 1


def test_a_leaving_is_undone_once(member: Member) -> None:
    leave(member, way=LeaveWay.LINK, left_on=TODAY, by=None, now=NOW, today=TODAY)
    paths = [link_in(one) for one in Delivery.objects.filter(key__startswith="left:")]
    statuses = at_once(*(press(path) for path in paths * 2))
    assert sorted(statuses) == [302, 404, 404, 404]
    assert Member.objects.get().status == MemberStatus.MEMBER
    assert Delivery.objects.filter(key__startswith="back:").count() == 2


def test_many_guesses_at_once_are_five(member: Member) -> None:
    path = my_page_link_of(member)
    statuses = at_once(*(press(path, 1900 + number) for number in range(12)))
    # Where all five are taken before the first is answered, each is told that none is left.
    assert set(statuses) <= {422, 404}
    assert statuses.count(422) <= 4
    assert AccessLink.objects.get().tries == 5
    assert press(path)() == 404


def test_two_who_send_the_link_at_once_send_one(member: Member) -> None:
    at_once(*[lambda: send_resign_link(member, by=None, now=NOW)] * _PRESSES)
    assert Delivery.objects.filter(key__startswith="resign:").count() == 1
