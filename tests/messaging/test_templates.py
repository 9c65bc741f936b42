"""Texts that are kept for another time: a branch's own, the county's, and those that everyone has."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent, User
from membership.models import Branch
from membership.roles import Role
from messaging.actions.templates import delete_template
from messaging.builtin_texts import BUILT_IN, built_in
from messaging.enums import PURPOSES, TemplateKind
from messaging.models import MessageTemplate
from messaging.writing.placeholders import half_written, unfilled, unknown_in
from messaging.writing.segments import count
from tests.access_mail import make_message
from tests.factories import NOW, make_branch, make_officer

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def client(client_for: ClientFor, officer: User) -> Client:
    return client_for(officer)


def url(name: str, branch: Branch, *args: Any) -> str:
    return reverse(f"messaging:template_{name}", args=[branch.slug, *args])


def make_template(branch: Branch, name: str = "Vårmøte", **fields: Any) -> MessageTemplate:
    values = {"kind": "message", "purpose": "meetings", "subject": "Vår", "body": "Ord", "changed_at": NOW, **fields}
    return MessageTemplate.objects.create(branch=branch, name=name, **values)


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_the_list_has_ones_own_those_above_and_the_ready_made(client: Client, county: Branch, kafjord: Branch) -> None:
    own = make_template(kafjord)
    above = make_template(county, "Fra fylkeskontoret", kind="reply")
    make_template(make_branch(county, "Lyngen"), "Fremmed")
    page = text(client.get(url("list", kafjord)))
    assert url("edit", kafjord, own.pk) in page
    assert "Fra fylkeskontoret" in page
    assert url("edit", kafjord, above.pk) not in page
    assert "Fremmed" not in page
    assert all(str(ready.name) in page for ready in BUILT_IN)


def test_the_list_costs_the_same_for_one_and_three(
    client: Client, kafjord: Branch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_template(kafjord)
    with django_assert_num_queries(6):
        client.get(url("list", kafjord))
    make_template(kafjord, "To")
    make_template(kafjord, "Tre", kind="reply")
    with django_assert_num_queries(6):
        client.get(url("list", kafjord))


def test_a_text_is_kept_and_changed_and_deleted(client: Client, kafjord: Branch, officer: User) -> None:
    data = {"kind": "message", "name": "Årsmøte", "purpose": "meetings", "subject": "Vel\nmøtt", "body": " a\n  - b"}
    assert client.post(url("new", kafjord), data)["Location"] == url("list", kafjord)
    kept = MessageTemplate.objects.get()
    assert (kept.branch, kept.created_by, kept.subject, kept.body) == (kafjord, officer, "Vel møtt", " a\n  - b")
    assert "Årsmøte" in text(client.get(url("edit", kafjord, kept.pk)))
    client.post(url("edit", kafjord, kept.pk), {**data, "name": "Nytt navn"})
    kept.refresh_from_db()
    assert kept.name == "Nytt navn"
    client.post(url("delete", kafjord, kept.pk))
    assert client.post(url("delete", kafjord, kept.pk)).status_code == 404
    verbs = AuditEvent.objects.filter(verb__startswith="template.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["template.saved", "template.saved", "template.deleted"]


def test_deleting_twice_is_once(kafjord: Branch, officer: User) -> None:
    template = make_template(kafjord)
    delete_template(template, by=officer)
    delete_template(template, by=officer)
    assert AuditEvent.objects.filter(verb="template.deleted").count() == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": "", "body": "Ord"}, "Gi teksten et navn"),
        ({"name": "Tom", "body": " \n "}, "Skriv teksten"),
        ({"name": "Vårmøte", "body": "Ord"}, "Det finnes en tekst med det navnet"),
        ({"name": "Lang", "sms": "a" * 1001}, "høyst 1000 tegn"),
    ],
)
def test_what_is_refused_stays_on_the_page(
    client: Client, kafjord: Branch, data: dict[str, str], sentence: str
) -> None:
    make_template(kafjord)
    answer = client.post(url("new", kafjord), {"kind": "message", "subject": "Mitt emne", **data})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "Mitt emne" in text(answer)
    assert MessageTemplate.objects.count() == 1


def test_an_answer_has_its_words_alone(client: Client, kafjord: Branch) -> None:
    data = {"kind": "reply", "name": "Takk", "purpose": "meetings", "subject": "Emne", "body": "Takk!", "sms": "Hei"}
    client.post(url("new", kafjord), data)
    kept = MessageTemplate.objects.get()
    assert (kept.kind, kept.purpose, kept.subject, kept.body, kept.sms) == (TemplateKind.REPLY, "", "", "Takk!", "")


def test_one_begins_from_a_ready_made_text(client: Client, kafjord: Branch) -> None:
    page = text(client.get(url("new", kafjord), {"fra": "mote"}))
    assert "inviterer til medlemsmøte" in page
    assert "inviterer" not in text(client.get(url("new", kafjord), {"fra": "tull"}))


def test_a_drafts_text_can_be_kept_and_no_others(
    client: Client, county: Branch, kafjord: Branch, officer: User
) -> None:
    own = make_message(kafjord, officer)
    foreign = make_message(county, officer)
    assert "Hei {{ fornavn }}!" in text(client.get(url("new", kafjord), {"melding": str(own.pk)}))
    for other in (str(foreign.pk), "tull", ""):
        assert "Hei {{ fornavn }}!" not in text(client.get(url("new", kafjord), {"melding": other}))


def test_one_of_anothers_is_not_found(client: Client, county: Branch, kafjord: Branch) -> None:
    for owner in (county, make_branch(county, "Lyngen")):
        theirs = make_template(owner)
        assert client.get(url("edit", kafjord, theirs.pk)).status_code == 404
        assert client.post(url("delete", kafjord, theirs.pk)).status_code == 404


def test_a_caller_has_none_of_it(client_for: ClientFor, kafjord: Branch) -> None:
    assert client_for(make_officer(kafjord, Role.CALLER)).get(url("list", kafjord)).status_code == 404


# --- The ready-made ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ready", BUILT_IN, ids=lambda ready: ready.key)
def test_a_ready_made_text_is_sound(ready: Any) -> None:
    texts = (ready.subject, ready.body, ready.sms)
    assert not unknown_in(*texts)
    assert not half_written(*texts)
    # It cannot be sent until its blanks are filled in.
    assert unfilled(*texts)
    assert not count(ready.sms).unicode
    assert count(ready.sms).parts <= 1
    assert ready.purpose in ({purpose.value for purpose in PURPOSES} if ready.kind == TemplateKind.MESSAGE else {""})


def test_keys_are_not_taken_for_saved_ones() -> None:
    assert len({ready.key for ready in BUILT_IN}) == len(BUILT_IN)
    assert not any(ready.key.isdigit() for ready in BUILT_IN)
    assert built_in("tull") is None
