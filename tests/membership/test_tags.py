"""The county's groups: who makes them, who sees them, and what becomes of their members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.actions.tags import NameTaken, StillInUse, TooManyTags, create_tag, remove_tag, rename_tag
from membership.models import Branch, ChangeBatch, MemberChange, Tag
from membership.roles import Role
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer, make_tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def secretary(county: Branch) -> User:
    return make_officer(county, Role.COUNTY_SECRETARY)


@pytest.fixture
def client(secretary: User, client_for: Callable[..., Client]) -> Client:
    return client_for(secretary)


def test_a_group_is_made_renamed_and_removed_and_the_log_says_so(
    county: Branch, kafjord: Branch, secretary: User
) -> None:
    tag = create_tag(county, name="Ungdom", by=secretary)
    rename_tag(tag, name="AUF", by=secretary)
    rename_tag(tag, name="AUF", by=secretary)
    ane = make_member(kafjord)
    tag.members.add(ane)
    number = tag.pk
    assert remove_tag(tag, by=secretary, now=NOW, today=TODAY) == 1
    assert not Tag.objects.exists()
    told = AuditEvent.objects.filter(verb=Verb.TAGS_CHANGED).order_by("id").values_list("details", "count")
    assert list(told) == [({"what": "created"}, None), ({"what": "renamed"}, None), ({"what": "removed"}, 1)]
    change = MemberChange.objects.get()
    assert (change.field, change.before, change.after) == ("tags", [number], [])
    assert not ChangeBatch.objects.exists()


def test_a_name_is_taken_once_in_a_county(county: Branch, secretary: User) -> None:
    create_tag(county, name="Ungdom", by=secretary)
    other = create_tag(county, name="Kvinner", by=secretary)
    for name in ("Ungdom", "ungdom"):
        with pytest.raises(NameTaken):
            create_tag(county, name=name, by=secretary)
        with pytest.raises(NameTaken):
            rename_tag(other, name=name, by=secretary)
    create_tag(make_county("Nordland"), name="Ungdom", by=secretary)


def test_there_are_limits(county: Branch, kafjord: Branch, secretary: User, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = create_tag(county, name="Ungdom", by=secretary)
    monkeypatch.setattr("membership.actions.tags.MOST", 1)
    with pytest.raises(TooManyTags):
        create_tag(county, name="Kvinner", by=secretary)
    monkeypatch.setattr("membership.actions.tags.AT_ONCE", 1)
    tag.members.add(make_member(kafjord), make_member(kafjord))
    with pytest.raises(StillInUse):
        remove_tag(tag, by=secretary, now=NOW, today=TODAY)
    assert tag.members.count() == 2


def test_the_county_keeps_them_on_its_page(county: Branch, kafjord: Branch, client: Client) -> None:
    answer = client.post(reverse("membership:tag_create", args=["troms"]), {"name": " Samisk  nettverk "})
    assert answer.status_code == 302
    tag = Tag.objects.get()
    assert tag.name == "Samisk nettverk"
    tag.members.add(make_member(kafjord), make_member(county))
    page = client.get(reverse("membership:tags", args=["troms"])).text
    assert "2 medlemmer er i den og blir tatt ut" in page
    assert "1 medlem</span>" in client.get(reverse("membership:tags", args=["kafjord"])).text
    client.post(reverse("membership:tag_rename", args=["troms", tag.pk]), {"name": "Sámi"})
    tag.refresh_from_db()
    assert tag.name == "Sámi"
    client.post(reverse("membership:tag_remove", args=["troms", tag.pk]))
    assert not Tag.objects.exists()
    assert client.post(reverse("membership:tag_remove", args=["troms", tag.pk])).status_code == 404


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "Ungdom", "\x00"])
def test_a_name_that_cannot_be_is_refused_and_kept(county: Branch, client: Client, name: str) -> None:
    make_tag(county, "Ungdom")
    answer = client.post(reverse("membership:tag_create", args=["troms"]), {"name": name})
    assert answer.status_code == 422
    assert "ds-error-summary" in answer.text
    assert Tag.objects.count() == 1


def test_a_branch_sees_them_and_changes_none(
    county: Branch, kafjord: Branch, client_for: Callable[..., Client]
) -> None:
    tag = make_tag(county, "Ungdom")
    foreign = make_tag(make_county("Nordland"), "Deres")
    client = client_for(make_officer(kafjord))
    page = client.get(reverse("membership:tags", args=["kafjord"])).text
    assert "Ungdom" in page
    assert "Deres" not in page
    assert "grupper/ny/" not in page
    client.post(reverse("membership:tag_create", args=["kafjord"]), {"name": "Ny"})
    for name in ("membership:tag_rename", "membership:tag_remove"):
        client.post(reverse(name, args=["kafjord", tag.pk]), {"name": "Ny"})
        assert client.post(reverse(name, args=["kafjord", foreign.pk]), {"name": "Ny"}).status_code == 404
        assert client.post(reverse(name, args=["troms", tag.pk]), {"name": "Ny"}).status_code == 404
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["Deres", "Ungdom"]


@pytest.mark.parametrize("n", [1, 3])
def test_the_page_costs_the_same_however_many(
    county: Branch, kafjord: Branch, client: Client, n: int, django_assert_num_queries: Any
) -> None:
    for i in range(n):
        make_tag(county, f"Gruppe {i}", make_member(kafjord))
    with django_assert_num_queries(6):
        assert client.get(reverse("membership:tags", args=["troms"])).status_code == 200


def test_a_naughty_name_is_text(county: Branch, client: Client) -> None:
    make_tag(county, "<script>alert(1)</script>")
    assert "<script>alert" not in client.get(reverse("membership:tags", args=["troms"])).text
