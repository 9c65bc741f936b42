"""Whatever points at a member goes with it, or forgets it: found by walking the declarations, not by a list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from dues.models import Claim, Payment
from membership.actions.deleting import NotHandled, delete_members
from membership.actions.erasure import erase_many
from membership.models import Branch, Member, MemberChange
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.membership.filling import Around, fill

pytestmark = pytest.mark.django_db


def _leading_to_members() -> Iterator[tuple[type[models.Model], Any]]:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if field.remote_field and field.remote_field.model is Member:
                yield model, field


POINTING = list(_leading_to_members())
NAMES = [f"{model._meta.label}.{field.name}" for model, field in POINTING]
# Rows that stay without their member, and what of them told who it was.
EMPTIED = {
    "calling.Call.member": ("note",),
    "dues.Claim.member": ("sort_key",),
    "messaging.InboxMessage.member": (),
    "membership.BoardPost.member": (),
    "membership.Member.recruited_by": (),
    "privacy.RightsRequest.member": ("text", "answer", "extended_because"),
}


@pytest.fixture
def branch() -> Branch:
    return make_branch(make_county())


def test_all_that_stays_is_known() -> None:
    stays = {name for name, (_, field) in zip(NAMES, POINTING, strict=True) if field.null and _is_set_null(field)}
    assert stays == EMPTIED.keys()


def _is_set_null(field: Any) -> bool:
    return bool(field.remote_field.on_delete is models.SET_NULL)


@pytest.mark.parametrize(("model", "field"), POINTING, ids=NAMES)
def test_after_erasing_no_row_points_at_the_member(model: Any, field: Any, branch: Branch) -> None:
    four = [make_member(branch) for _ in range(4)]
    user = make_officer(branch)
    # Of a pair the first was made first.
    member, beside, other, last = four if field.name != "second" else (four[1], four[0], four[3], four[2])
    theirs = fill(model, field, member, Around(beside, branch, user))
    others = fill(model, field, other, Around(last, branch, user))
    if model is Claim:
        # One that nobody has paid on goes.
        for row in (theirs, others):
            fill(Payment, Payment._meta.get_field("claim"), row, Around(last, branch, user))
    erase_many([member.pk], by=None, now=NOW, today=TODAY)
    rows = model._base_manager
    assert not rows.filter(**{field.name: member.pk}).exists()
    assert rows.filter(pk=others.pk, **{field.name: other.pk}).exists()
    name = f"{model._meta.label}.{field.name}"
    if kept := rows.filter(pk=theirs.pk).first():
        assert _is_set_null(field)
        assert {column: getattr(kept, column) for column in EMPTIED[name]} == dict.fromkeys(EMPTIED[name], "")
    else:
        # What somebody wrote to us goes altogether.
        assert not _is_set_null(field) or name == "messaging.InboxMessage.member"


def test_what_hangs_on_what_hangs_goes_too(branch: Branch) -> None:
    from privacy.actions.departures import leave
    from privacy.enums import LeaveWay, LinkKind
    from privacy.models import AccessLink

    member, other = make_member(branch), make_member(branch)
    departure = leave(member, way=LeaveWay.LINK, left_on=TODAY, by=None, now=NOW, today=TODAY)
    # A link whose own member is another.
    AccessLink.objects.create(
        digest="a",
        kind=LinkKind.NOT_ME,
        channel="email",
        address="a@example.no",
        member=other,
        departure=departure,
        created_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    delete_members([member.pk])
    assert not AccessLink.objects.exists()
    assert Member.objects.get() == other


def test_many_take_as_many_statements_as_one(branch: Branch) -> None:
    counts = []
    for many in (1, 30):
        ids = [make_member(branch).pk for _ in range(many)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            delete_members(ids)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert not Member.objects.exists()


def test_nobody_is_deleted_where_a_rule_is_not_understood(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    from membership.actions import deleting
    from membership.models import Placement

    member = make_member(branch)
    rule = Placement._meta.get_field("member").remote_field
    monkeypatch.setattr(rule, "on_delete", models.PROTECT)
    deleting._hanging.cache_clear()
    try:
        with pytest.raises(NotHandled):
            delete_members([member.pk])
    finally:
        deleting._hanging.cache_clear()
    assert Member.objects.get() == member


@pytest.mark.parametrize(
    ("find", "index"),
    [
        (Member.objects.with_recruiter_text, "member_recruited"),
        (MemberChange.objects.naming_others, "member_change_others"),
    ],
)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL reads a small table whole")
def test_what_names_others_is_found_by_an_index(find: Any, index: str) -> None:
    assert index in find().explain()
