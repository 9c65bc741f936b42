"""Two officers at once, on a database that lets them: one wins, the other is told, and nothing goes out twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from accounts.models import User
from membership.models import Branch
from membership.roles import Role
from messaging.models import Delivery
from privacy.actions import breaches, requests, reviews
from privacy.actions.reminders import remind_requests
from privacy.enums import BreachKind, RequestKind, RequestWay, Verdict
from privacy.models import AccessReview, Breach
from privacy.refusals import Refused
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at once: SQLite has one at a time"),
]


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent while two hold each other up."""
    monkeypatch.setattr("messaging.actions.outbox.kick", lambda _pk: None)


@pytest.fixture
def branch(db: None) -> Branch:
    return make_branch(make_county())


@pytest.fixture
def officers(branch: Branch) -> list[User]:
    assert branch.county is not None
    return [make_officer(branch.county, Role.COUNTY_SECRETARY) for _ in range(2)]


def at_once(*actions: Callable[[], object]) -> list[str]:
    """What came of each, in no order."""
    together, outcomes = threading.Barrier(len(actions)), []

    def act(action: Callable[[], object]) -> None:
        together.wait()
        try:
            action()
            outcomes.append("done")
        except (Refused, requests.NotOpen) as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_two_answer_one_request(branch: Branch, officers: list[User]) -> None:
    one = requests.open_request(
        branch, member=make_member(branch), kind=RequestKind.ACCESS, way=RequestWay.EMAIL, text="", received_on=TODAY,
        by=None, now=NOW, today=TODAY,
    )  # fmt: skip

    def press(by: User) -> Callable[[], object]:
        return lambda: requests.answer(one, text=f"Fra {by.pk}", email=True, by=by, today=TODAY, machine_now=NOW)

    assert at_once(*(press(by) for by in officers)) == ["NotOpen", "done"]
    one.refresh_from_db()
    assert one.answer == f"Fra {one.handled_by_id}"
    assert one.answer in Delivery.objects.get().body


def test_two_remind_of_one_request(branch: Branch, officers: list[User]) -> None:
    requests.open_request(
        branch, member=None, kind=RequestKind.ACCESS, way=RequestWay.EMAIL, text="",
        received_on=TODAY.replace(month=10), by=None, now=NOW, today=TODAY,
    )  # fmt: skip
    at_once(*(lambda: remind_requests(today=TODAY, now=NOW) for _ in range(2)))
    assert Delivery.objects.count() == len(officers)


def test_two_save_and_two_close_one_breach(branch: Branch, officers: list[User]) -> None:
    made = breaches.report(
        branch, kind=BreachKind.LOST, what="Mistet", found_at=NOW, by=officers[0], now=NOW, machine_now=NOW
    )
    decided = {
        "authority": Verdict.NEED_NOT, "authority_because": "x", "people": Verdict.NEED_NOT, "people_because": "x",
    }  # fmt: skip

    def save(by: User) -> Callable[[], object]:
        return lambda: breaches.save(
            made, seen=made.changed_at, values={**decided, "measures": str(by.pk)}, by=by, now=NOW
        )

    def close(by: User) -> Callable[[], object]:
        return lambda: breaches.close(made, by=by, now=NOW)

    assert at_once(*(save(by) for by in officers)) == ["ChangedMeanwhile", "done"]
    assert at_once(*(close(by) for by in officers)) == ["ClosedAlready", "done"]
    assert Breach.objects.get().closed_by in officers


def test_two_sign_one_review_and_one_keeps_while_another_signs(branch: Branch, officers: list[User]) -> None:
    county = branch.county
    assert county is not None
    at_once(*(lambda: reviews.keep(county, None, by=officers[0], now=NOW, today=TODAY) for _ in range(2)))

    def sign(by: User) -> Callable[[], object]:
        return lambda: reviews.sign(county, by=by, now=NOW, today=TODAY)

    assert at_once(*(sign(by) for by in officers)) == ["SignedAlready", "done"]
    assert AccessReview.objects.get().kept == 2
