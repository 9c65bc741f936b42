"""What becomes of messages, texts, the inbox and settings when branches are merged, split, and that is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from membership.actions.reforms import Heir, Part, split
from membership.models import Branch
from messaging.enums import DeliveryState, MessageState, TemplateKind
from messaging.models import Message, MessageTemplate, MessagingSettings
from messaging.reforms import tell
from tests.access_mail import make_message
from tests.factories import make_branch, make_member
from tests.membership.senja import NOW, REFORM, TODAY, back, find, make_secretary, make_senja, make_troms
from tests.messaging.sendings import came_in, reach, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def troms() -> Branch:
    return make_troms()


@pytest.fixture
def secretary(troms: Branch) -> User:
    return make_secretary(troms)


def save_text(branch: Branch, name: str, kind: str = TemplateKind.MESSAGE) -> MessageTemplate:
    return MessageTemplate.objects.create(branch=branch, name=name, kind=kind, body="Hei", changed_at=NOW)


def scope_of(row: object) -> tuple[object, object, object]:
    row.refresh_from_db()  # type: ignore[attr-defined]
    return row.branch_id, row.municipal_id, row.county_id  # type: ignore[attr-defined]


def test_all_that_a_merged_branch_has_goes_to_its_heir(troms: Branch, secretary: User) -> None:
    berg = find("berg")
    draft, done, asked = make_message(berg, secretary), sent(berg, secretary), came_in(berg)
    of_the_county = sent(troms, secretary)
    text = save_text(berg, "Innkalling")

    make_senja(secretary)

    senja = find("senja")
    for row in (draft, done, asked):
        assert scope_of(row) == (senja.pk, senja.pk, troms.pk)
    text.refresh_from_db()
    assert (text.branch, text.name) == (senja, "Innkalling")
    assert scope_of(of_the_county) == (troms.pk, None, troms.pk)


def test_what_waits_is_a_draft_again_and_says_why(troms: Branch, secretary: User) -> None:
    berg = find("berg")
    queued = make_message(berg, secretary, MessageState.QUEUED, due_at=NOW + timedelta(days=3), expanded_at=NOW)
    reach(queued, make_member(berg), DeliveryState.QUEUED)
    approval = make_message(berg, secretary, MessageState.APPROVAL, queued_by=secretary, queued_at=NOW)
    elsewhere = make_message(find("malselv"), secretary, MessageState.QUEUED)
    going = make_message(berg, secretary, MessageState.SENDING, started_at=NOW)

    make_senja(secretary)

    for message in (queued, approval):
        message.refresh_from_db()
        assert (message.state, message.branch) == (MessageState.DRAFT, find("senja"))
        assert "Se hvem den går til" in message.problem
    assert not queued.deliveries.exists()
    elsewhere.refresh_from_db()
    going.refresh_from_db()
    assert elsewhere.state == MessageState.QUEUED
    assert (going.state, going.branch) == (MessageState.SENDING, find("senja"))


def test_rows_of_local_branches_follow_their_new_parent(troms: Branch, secretary: User) -> None:
    skaland = find("skaland")
    message, asked = sent(skaland, secretary), came_in(skaland)

    batch = make_senja(secretary)
    senja = find("senja")
    assert scope_of(message) == scope_of(asked) == (skaland.pk, senja.pk, troms.pk)

    back(batch, secretary)
    assert scope_of(message) == scope_of(asked) == (skaland.pk, find("berg").pk, troms.pk)


def test_texts_of_the_same_name_are_told_apart_by_the_old_branch(troms: Branch, secretary: User) -> None:
    long = "Innkalling til medlemsmøte med kaffe, kaker og mye annet godt"[:60]
    for slug in ("berg", "lenvik", "torsken"):
        save_text(find(slug), "Innkalling")
        save_text(find(slug), long)
    save_text(find("lenvik"), "Innkalling (Torsken)")
    save_text(find("berg"), "Innkalling", TemplateKind.REPLY)

    make_senja(secretary)

    names = set(MessageTemplate.objects.filter(branch=find("senja")).values_list("kind", "name"))
    assert len(names) == 8
    assert {name for kind, name in names if kind == "message" and name.startswith("Innkalling") and len(name) < 40} == {
        "Innkalling",
        "Innkalling (Lenvik)",
        "Innkalling (Torsken)",
        "Innkalling (Torsken 2)",
    }
    assert all(len(name) <= 60 for _kind, name in names)


def test_the_heir_gets_settings_where_it_has_none(troms: Branch, secretary: User) -> None:
    for slug, name in (("lenvik", "Lenvik Ap"), ("berg", "Berg Ap")):
        MessagingSettings.objects.create(branch=find(slug), sender_name=name)

    batch = make_senja(secretary)
    assert MessagingSettings.objects.get(branch=find("senja")).sender_name == "Berg Ap"

    back(batch, secretary)
    assert set(MessagingSettings.objects.values_list("branch__slug", flat=True)) == {"berg", "lenvik"}


def test_the_heir_keeps_settings_of_its_own(troms: Branch, secretary: User) -> None:
    MessagingSettings.objects.create(branch=find("berg"), sender_name="Berg Ap")
    MessagingSettings.objects.create(branch=find("lenvik"), sender_name="Lenvik Ap")

    batch = make_senja(secretary, into=Heir(branch=find("lenvik")))
    assert MessagingSettings.objects.get(branch=find("lenvik")).sender_name == "Lenvik Ap"

    back(batch, secretary)
    assert MessagingSettings.objects.count() == 2


def test_undone_each_has_its_own_again(troms: Branch, secretary: User) -> None:
    berg, lenvik = find("berg"), find("lenvik")
    rows = [sent(berg, secretary), came_in(berg), sent(lenvik, secretary), came_in(lenvik)]
    before = [scope_of(row) for row in rows]
    texts = [save_text(berg, "Innkalling"), save_text(lenvik, "Innkalling")]
    batch = make_senja(secretary)
    senja = find("senja")
    waiting = make_message(senja, secretary, MessageState.QUEUED, due_at=NOW + timedelta(days=9), expanded_at=NOW)

    back(batch, secretary, days=1)

    assert [scope_of(row) for row in rows] == before
    for text in texts:
        text.refresh_from_db()
    assert [(text.branch, text.name) for text in texts] == [(berg, "Innkalling"), (lenvik, "Innkalling")]
    # What was to go out from a branch that is no more does not go out.
    waiting.refresh_from_db()
    assert waiting.state == MessageState.DRAFT


def test_of_a_branch_that_is_split_what_was_sent_stays_where_it_was_sent(troms: Branch, secretary: User) -> None:
    lenvik = find("lenvik")
    done = sent(lenvik, secretary)
    queued = make_message(lenvik, secretary, MessageState.QUEUED, expanded_at=NOW)
    parts = [Part(Heir(name=f"{place} Ap", place=place)) for place in ("Finnsnes", "Gibostad")]

    batch = split(lenvik, parts=parts, rest=0, on=REFORM, by=secretary, now=NOW, today=TODAY)

    done.refresh_from_db()
    queued.refresh_from_db()
    assert done.branch == lenvik
    assert (queued.branch, queued.state) == (lenvik, MessageState.DRAFT)
    back(batch, secretary)
    assert scope_of(done) == (lenvik.pk, lenvik.pk, troms.pk)


def test_a_branch_that_goes_on_after_a_split_keeps_what_waits(troms: Branch, secretary: User) -> None:
    lenvik = find("lenvik")
    queued = make_message(lenvik, secretary, MessageState.QUEUED, expanded_at=NOW)
    parts = [Part(Heir(name="Finnsnes Ap", place="Finnsnes"))]

    split(lenvik, parts=parts, rest=None, on=REFORM, by=secretary, now=NOW, today=TODAY)

    queued.refresh_from_db()
    assert (queued.branch, queued.state) == (lenvik, MessageState.QUEUED)


def test_it_is_told_beforehand(troms: Branch, secretary: User) -> None:
    berg = find("berg")
    assert tell([berg]) == []
    make_message(berg, secretary, MessageState.QUEUED)
    make_message(make_branch(troms, "Dyrøy"), secretary, MessageState.QUEUED)
    came_in(berg)
    came_in(berg, state="closed")

    assert [str(line) for line in tell([berg, find("lenvik")])] == [
        "1 melding venter på å bli sendt. Den blir et utkast igjen.",
        "1 melding i innboksen er ikke besvart. Den følger med.",
    ]
    assert Message.objects.count() == 2
