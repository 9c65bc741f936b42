"""Two records of one person become one, with all that hung on both, and can be told apart again for 14 days."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from django.db import connection, connections
from django.db import models as django_models

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.actions.duplicates import part
from membership.actions.editing import Edit, Pen, locked, write
from membership.actions.merging import ChangedMeanwhile, GoneMeanwhile, MergeRefused, OneRecord, mark_of, merge
from membership.actions.numbers import next_local_number
from membership.actions.relations import name_of, own_relations
from membership.enums import ChangeSource, MoveState, PairState
from membership.extensions import registry
from membership.models import (
    BoardPost,
    Branch,
    BranchSummary,
    ChangeBatch,
    DuplicatePair,
    FormerNumber,
    Member,
    MemberChange,
    Merge,
    MoveRequest,
    Placement,
    Tag,
)
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer
from tests.membership.folding import fold, row_of, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def lyngen(county: Branch) -> Branch:
    return make_branch(county, "Lyngen")


@pytest.fixture
def officer(county: Branch) -> User:
    return make_officer(county)


# --- What the one that is left says ------------------------------------------------------------------------------


def test_what_was_chosen_stays_and_the_rest_is_chosen_beforehand(
    county: Branch, kafjord: Branch, officer: User
) -> None:
    kept = make_member(kafjord, "Ane", "Moe", email="ny@example.no", birth_year=1970)
    lost = make_member(
        kafjord, "Ane Marie", "Moe Lie", email="gammel@example.no", birth_on=date(1970, 3, 14), birth_year=1970,
        street="Storgata 1", postal_code="9146", city="Olderdalen", skills="Kan lyd.", joined_on=date(2011, 1, 1),
    )  # fmt: skip
    fold(county, kept, lost, officer, last_name=kept, email=lost)
    kept.refresh_from_db()
    assert (kept.first_name, kept.last_name, kept.email) == ("Ane Marie", "Moe", "gammel@example.no")
    assert (kept.birth_on, kept.street, kept.skills) == (date(1970, 3, 14), "Storgata 1", "Kan lyd.")
    assert kept.joined_on == date(2011, 1, 1)
    assert "marie" in kept.search_text
    assert not Member.objects.filter(pk=lost.pk).exists()


def test_the_strictest_wins(county: Branch, kafjord: Branch, officer: User) -> None:
    tag = Tag.objects.create(county=county, name="Kvinnenettverket")
    kept = make_member(kafjord, no_email=True, address_protection="confidential", fundraising_consent_on=TODAY)
    lost = make_member(
        kafjord, no_phone=True, no_newsletter=True, address_protection="strict", street="Skjult 7", postal_code="9146"
    )
    lost.tags.add(tag)
    fold(county, kept, lost, officer)
    kept.refresh_from_db()
    assert (kept.no_email, kept.no_phone, kept.no_newsletter, kept.no_sms) == (True, True, True, False)
    assert (kept.address_protection, kept.street) == ("strict", "Skjult 7")
    assert kept.fundraising_consent_on is None
    assert list(kept.tags.all()) == [tag]
    assert kept.household_key == ""


def test_an_open_address_does_not_take_the_place_of_a_protected_one(
    county: Branch, kafjord: Branch, officer: User
) -> None:
    kept = make_member(kafjord, street="Åpen 1", postal_code="9146")
    lost = make_member(kafjord, address_protection="strict", street="Skjult 7", postal_code="9147")
    fold(county, kept, lost, officer, address=kept)
    kept.refresh_from_db()
    assert (kept.street, kept.postal_code, kept.address_hidden) == ("Skjult 7", "9147", True)


@pytest.mark.parametrize(
    ("chosen", "note"), [(None, "En.\n\nTo."), ("kept", "En."), ("lost", "To."), ("both", "En.\n\nTo.")]
)
def test_notes_are_joined_unless_one_is_chosen(
    county: Branch, kafjord: Branch, officer: User, chosen: str | None, note: str
) -> None:
    kept, lost = make_member(kafjord, note="En."), make_member(kafjord, note="To.")
    picked: dict[str, Any] = {"note": {"kept": kept, "lost": lost}.get(chosen, chosen)} if chosen else {}
    fold(county, kept, lost, officer, **picked)
    kept.refresh_from_db()
    assert kept.note == note


def test_one_who_came_back_is_a_member(county: Branch, kafjord: Branch, officer: User) -> None:
    kept = make_member(kafjord, status="expelled", left_on=date(2024, 1, 1))
    lost = make_member(kafjord)
    fold(county, kept, lost, officer)
    kept.refresh_from_db()
    assert (kept.status, kept.left_on) == ("member", None)
    assert BranchSummary.objects.get(branch=kafjord).members == 1


@pytest.mark.parametrize("status", ["resigned", "deceased"])
def test_one_who_has_left_is_not_merged(county: Branch, kafjord: Branch, officer: User, status: str) -> None:
    gone, other = make_member(kafjord, status=status), make_member(kafjord)
    for kept, lost in ((gone, other), (other, gone)):
        with pytest.raises(GoneMeanwhile):
            fold(county, kept, lost, officer)


def test_nobody_is_recruited_by_oneself(county: Branch, kafjord: Branch, officer: User) -> None:
    kept = make_member(kafjord)
    lost = make_member(kafjord, recruited_by=kept)
    friend = make_member(kafjord, recruited_by=lost)
    Member.objects.filter(pk=kept.pk).update(recruited_by=lost)
    fold(county, kept, lost, officer)
    kept.refresh_from_db()
    friend.refresh_from_db()
    assert kept.recruited_by is None
    assert friend.recruited_by == kept


# --- What hung on it ----------------------------------------------------------------------------------------------


def test_every_relation_to_a_member_is_moved_by_somebody() -> None:
    handled = {name_of(relation) for relation in own_relations()}
    for merger in registry.mergers:
        handled |= merger.handles
    relations = {
        f"{model._meta.label}.{field.name}"
        for model in __import__("django").apps.apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, django_models.ForeignKey | django_models.ManyToManyField) and field.related_model is Member
    }
    # Groups are united; likely pairs and the queue for them are made anew.
    apart = {"Member_tags.member", "DuplicatePair.first", "DuplicatePair.second", "DuplicateCheck.member"}
    assert relations <= handled | {f"membership.{name}" for name in apart}
    assert handled <= relations


def hang_everything_on(member: Member, branch: Branch, other: Branch, third: Member) -> None:
    Placement.objects.create(member=member, branch=other, from_on=date(2001, 1, 1), to_on=date(2005, 1, 1))
    BoardPost.objects.create(branch=branch, title="leader", member=member, starts_on=date(2020, 1, 1))
    MoveRequest.objects.create(member=member, from_branch=branch, to_branch=other, asked_at=NOW)
    FormerNumber.objects.create(number=f"F{member.pk}", member=member)
    pen = Pen(None, ChangeSource.OFFICER, NOW, TODAY)
    write([Edit(locked(Member.objects.filter(pk=member.pk))[0], {"skills": "Kan lyd."})], pen=pen)
    member.refresh_from_db()


def test_all_that_hung_on_it_is_moved_and_moved_back(
    county: Branch, kafjord: Branch, lyngen: Branch, officer: User
) -> None:
    kept, lost, third = (make_member(kafjord, name) for name in ("Ane", "Ane M.", "Per"))
    Member.objects.filter(pk=third.pk).update(recruited_by=lost)
    hang_everything_on(kept, kafjord, lyngen, third)
    hang_everything_on(lost, kafjord, lyngen, third)
    part(lost, third, by=officer, now=NOW)
    DuplicatePair.objects.create(county=county, first=kept, second=lost, score=90, found_at=NOW)
    before = {member.pk: row_of(member) for member in (kept, lost, third)}
    counts = {rel: held_by(rel, kept, lost) for rel in own_relations() if "Duplicate" not in name_of(rel)}

    made = fold(county, kept, lost, officer)

    assert {name_of(rel): held_by(rel, kept, lost)[0] for rel in counts if "Merge" not in name_of(rel)} == {
        name_of(rel): sum(count)
        + {"membership.FormerNumber.member": 1, "membership.MemberChange.member": 2}.get(name_of(rel), 0)
        for rel, count in counts.items()
        if "Merge" not in name_of(rel)
    } | {"membership.MemberChange.member": MemberChange.objects.filter(member=kept).count()}
    assert Placement.objects.filter(member=kept, to_on__isnull=True).count() == 1
    assert MoveRequest.objects.filter(member=kept, state=MoveState.WAITING).count() == 1
    assert [(pair.first, pair.second, pair.state) for pair in DuplicatePair.objects.all()] == [
        (kept, third, PairState.DIFFERENT)
    ]

    back = undo(made, officer)

    assert {member.pk: row_of(member) for member in (kept, back, third)} == before
    told = "membership.MemberChange.member"
    assert {name_of(rel): held_by(rel, kept, back) for rel in counts if name_of(rel) != told} == {
        name_of(rel): count for rel, count in counts.items() if name_of(rel) != told
    }
    assert MoveRequest.objects.filter(state=MoveState.WAITING).count() == 2
    assert Placement.objects.filter(member=back, to_on__isnull=True).count() == 1
    assert {(pair.first_id, pair.second_id, pair.state) for pair in DuplicatePair.objects.all()} == {
        (kept.pk, lost.pk, PairState.OPEN),
        (lost.pk, third.pk, PairState.DIFFERENT),
    }


def held_by(relation: Any, *members: Member) -> tuple[int, ...]:
    rows = relation.related_model._base_manager
    return tuple(rows.filter(**{relation.field.name: member.pk}).count() for member in members)


def test_the_number_leads_to_the_one_that_is_left(county: Branch, kafjord: Branch, officer: User) -> None:
    kept = make_member(kafjord)
    lost = make_member(kafjord, member_number="L10001", number_is_local=True)
    made = fold(county, kept, lost, officer)
    former = FormerNumber.objects.get()
    assert (former.number, former.member, former.batch_id) == ("L10001", kept, made.pk)
    assert next_local_number() == "L10002"
    assert made.lost["row"]["member_number"] == "L10001"
    undo(made, officer)
    assert not FormerNumber.objects.exists()


def test_a_branch_that_is_chosen_is_moved_to(county: Branch, kafjord: Branch, lyngen: Branch, officer: User) -> None:
    kept, lost = make_member(kafjord), make_member(lyngen)
    made = fold(county, kept, lost, officer, branch=lost)
    kept.refresh_from_db()
    assert (kept.branch, kept.municipal) == (lyngen, lyngen)
    assert {row.branch_id: row.members for row in BranchSummary.objects.filter(branch__in=[kafjord, lyngen])} == {
        kafjord.pk: 0,
        lyngen.pk: 1,
    }
    back = undo(made, officer)
    kept.refresh_from_db()
    assert (kept.branch, back.branch) == (kafjord, lyngen)
    assert {row.members for row in BranchSummary.objects.filter(branch__in=[kafjord, lyngen])} == {1}


# --- What is refused ----------------------------------------------------------------------------------------------


def test_what_cannot_be_merged(county: Branch, kafjord: Branch, lyngen: Branch, officer: User) -> None:
    one, away = make_member(kafjord), make_member(lyngen)
    foreign = make_member(make_branch(make_county("Nordland"), "Bodø"))
    with pytest.raises(OneRecord):
        fold(county, one, one, officer)
    for branch, other in ((kafjord, away), (county, foreign)):
        with pytest.raises(GoneMeanwhile):
            fold(branch, one, other, officer)
    assert Member.objects.count() == 3
    assert not ChangeBatch.objects.exists()


def test_the_second_time_one_of_them_is_gone(county: Branch, kafjord: Branch, officer: User) -> None:
    kept, lost = make_member(kafjord), make_member(kafjord)
    fold(county, kept, lost, officer)
    with pytest.raises(GoneMeanwhile):
        fold(county, kept, lost, officer)
    assert AuditEvent.objects.filter(verb=Verb.MEMBER_MERGED).count() == 1


def test_what_was_changed_since_the_form_was_shown_is_looked_at_again(
    county: Branch, kafjord: Branch, officer: User
) -> None:
    kept, lost = make_member(kafjord), make_member(kafjord)
    seen = {kept.pk: mark_of(kept), lost.pk: "2020-01-01"}
    with pytest.raises(ChangedMeanwhile):
        merge(county, kept_id=kept.pk, lost_id=lost.pk, chosen={}, by=officer, now=NOW, today=TODAY, seen=seen)
    seen[lost.pk] = mark_of(lost)
    merge(county, kept_id=kept.pk, lost_id=lost.pk, chosen={}, by=officer, now=NOW, today=TODAY, seen=seen)


def test_the_log_has_ids_only(county: Branch, kafjord: Branch, officer: User) -> None:
    kept, lost = make_member(kafjord, "Ane", "Qvigstad", note="Hemmelig"), make_member(kafjord, "Ane", "Qvigstad")
    made = fold(county, kept, lost, officer)
    undo(made, officer)
    events = AuditEvent.objects.filter(verb__in=[Verb.MEMBER_MERGED, Verb.MERGE_UNDONE]).order_by("id")
    assert [(event.verb, event.actor_id) for event in events] == [
        (Verb.MEMBER_MERGED, officer.pk),
        (Verb.MERGE_UNDONE, officer.pk),
    ]
    assert not any("Qvigstad" in str(e.details) or "Hemmelig" in str(e.details) for e in AuditEvent.objects.all())


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at once: SQLite has one at a time")
@pytest.mark.parametrize("crossed", [False, True])
def test_of_two_officers_at_once_one_wins(crossed: bool) -> None:
    county = make_county()
    branch = make_branch(county, "Kåfjord")
    officer = make_officer(county)
    one, other = make_member(branch), make_member(branch)
    make_claim(one)
    make_claim(other)
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def press(kept: Member, lost: Member) -> None:
        together.wait()
        try:
            fold(county, kept, lost, officer)
            outcomes.append("merged")
        except MergeRefused as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=press, args=(one, other)),
        threading.Thread(target=press, args=(other, one) if crossed else (one, other)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["GoneMeanwhile", "merged"]
    assert Member.objects.count() == 1
    assert Merge.objects.count() == 1
