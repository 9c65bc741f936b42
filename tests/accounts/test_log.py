"""The log: what is written stays as it was, until its time is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import AuditEvent
from accounts.tasks import clear_expired
from tests.accounts.people import is_signed_in, with_password
from tests.factories import TODAY, make_user

pytestmark = pytest.mark.django_db


def test_a_line_holds_ids_and_counts_and_when_it_is_erased() -> None:
    user = make_user()
    record(Verb.MEMBERS_LISTED, by=user, branch_id=7, subject=user, count=3, rights=None, found=12)
    line = AuditEvent.objects.get()
    assert (line.actor_id, line.branch_id, line.object_type, line.object_id) == (
        user.pk,
        7,
        "accounts.user",
        str(user.pk),
    )
    assert (line.count, line.details, line.erase_on) == (3, {"found": 12}, TODAY + timedelta(days=366))
    assert line.get_verb_display() == "åpnet medlemslista"


def test_no_line_can_be_changed_or_taken_away_even_past_the_orm() -> None:
    record(Verb.MEMBERS_LISTED, by=None)
    for change in (
        lambda: AuditEvent.objects.update(verb="x"),
        lambda: AuditEvent.objects.all().delete(),
        lambda: AuditEvent.objects.get().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert AuditEvent.objects.get().verb == Verb.MEMBERS_LISTED


def test_lines_past_their_date_and_dead_sessions_go_at_night_and_no_others(client: Client, clock: Any) -> None:
    user = make_user()
    # Really old: the trigger asks the database what day it is.
    record(Verb.MEMBERS_LISTED, by=None, now=datetime(2020, 1, 1, tzinfo=UTC))
    with_password(client, user)
    clear_expired()
    assert is_signed_in(client)
    assert list(AuditEvent.objects.values_list("verb", flat=True)) == [Verb.SIGNED_IN]
    clock.shift(timedelta(hours=13))
    clear_expired()
    assert not Session.objects.exists()
    assert AuditEvent.objects.count() == 1


def test_one_users_lines_come_newest_first(clock: Any) -> None:
    user, other = make_user(), make_user()
    for verb, actor in ((Verb.MEMBERS_LISTED, user), (Verb.MEMBERS_LISTED, other), (Verb.MEMBER_OPENED, user)):
        record(verb, by=actor)
    assert [line.verb for line in AuditEvent.objects.by_user(user)] == [Verb.MEMBER_OPENED, Verb.MEMBERS_LISTED]
    assert AuditEvent.objects.expired(date(2030, 1, 1)).count() == 3
