"""A GET writes nothing: every account opens all it can reach, and the tables are as they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.contrib.sessions.models import Session
from django.db import models

from accounts.models import AuditEvent
from tests.browser.scene import NOBODY, THE_CAST, TWO_STEPS, Scene
from tests.demo_world import demo_world
from tests.test_walks import client_of, starts_of
from tests.walking import our_models, rows_of, walk

pytestmark = pytest.mark.once

# Who looked at what, and who is signed in. Throttles stand in the cache.
WRITTEN_BY_READING: Final = {AuditEvent, Session}


@pytest.fixture(scope="module")
def db(django_db_setup: None) -> None:
    """In place of pytest-django's: the demo stays for all tests here, and is taken away after the last."""


@pytest.fixture(scope="module")
def scene(db: None, django_db_blocker: Any) -> Iterator[Scene]:
    with demo_world(django_db_blocker) as made:
        yield made


def tables() -> dict[type[models.Model], list[dict[str, Any]]]:
    """All rows of all tables."""
    return {model: rows_of(model) for model in our_models() if model not in WRITTEN_BY_READING}


@pytest.mark.parametrize("account", [*THE_CAST, TWO_STEPS, NOBODY])
def test_reading_changes_nothing(account: str, scene: Scene) -> None:
    client = client_of(account)
    before, seen = tables(), AuditEvent.objects.count()
    opened = list(walk(client, starts_of(account, scene), of_each=3))
    assert len(opened) > 8
    assert AuditEvent.objects.count() > seen
    after = tables()
    assert [model.__name__ for model in before if before[model] != after[model]] == []


def test_the_comparison_sees_a_change(scene: Scene) -> None:
    from membership.models import Member

    before = tables()
    member = Member.objects.order_by("pk").first()
    assert member is not None
    Member.objects.filter(pk=member.pk).update(note="x" + member.note)
    after = tables()
    Member.objects.filter(pk=member.pk).update(note=member.note)
    assert [model for model in before if before[model] != after[model]] == [Member]
