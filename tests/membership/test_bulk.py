"""Many members at once: who is chosen, what is done to them, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from jobs.actions import JobLost, run
from jobs.enums import JobState
from jobs.models import Job
from membership.actions.bulk import Change, change_many
from membership.actions.editing import Edit, Pen, locked, open_batch, write
from membership.actions.grants import end
from membership.enums import BatchKind, BulkKind, ChangeSource, MemberStatus
from membership.models import Branch, ChangeBatch, Member, MemberChange
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
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


@pytest.fixture
def client(officer: User, client_for: Callable[..., Client]) -> Client:
    return client_for(officer)


def change(home: Branch, members: list[Member], what: Change, by: User) -> ChangeBatch:
    return change_many(home, [m.pk for m in members], change=what, by=by, now=NOW, today=TODAY)


def tags_of(member: Member) -> list[str]:
    return sorted(member.tags.values_list("name", flat=True))


def state() -> list[Any]:
    through = Member.tags.through._default_manager
    return [list(Member.objects.order_by("pk").values()), sorted(through.values_list("member_id", "tag_id"))]


def seen(asked: Any) -> str:
    """Who “all” were, as the question has it."""
    found = re.search(r'name="sett" value="([0-9a-f]+)"', asked.text)
    assert found
    return found[1]


# --- The page --------------------------------------------------------------------------------------------------------


def post(client: Client, branch: Branch, query: str = "", **data: Any) -> Any:
    return client.post(reverse("membership:bulk", args=[branch.slug]) + query, data)


def test_the_list_has_a_form_with_boxes_for_those_who_may_change(
    kafjord: Branch, client: Client, client_for: Callable[..., Client]
) -> None:
    ane = make_member(kafjord)
    url = reverse("membership:member_list", args=["kafjord"])
    page = client.get(url + "?fra=01.01.2020").text
    assert f'name="id" value="{ane.pk}" aria-label="Velg Fjellvær, Ane"' in page
    assert 'action="/lag/kafjord/medlemmer/valgte/?fra=01.01.2020&amp;"' in page
    reader = client_for(make_officer(kafjord, Role.BRANCH_LEADER)).get(url).text
    assert 'type="checkbox"' not in reader
    assert "valgte/" not in reader


def test_first_it_asks_and_says_whom_it_concerns_then_it_does_it(
    kafjord: Branch, county: Branch, client: Client
) -> None:
    ane, bo, cato = (make_member(kafjord, name) for name in ("Ane", "Bo", "Cato"))
    tag = make_tag(county)
    asked = post(client, kafjord, handling="add_tag", id=[ane.pk, bo.pk])
    assert asked.status_code == 200
    assert "2 medlemmer" in asked.text
    assert "Fjellvær, Ane" in asked.text
    assert "Fjellvær, Cato" not in asked.text
    assert not ChangeBatch.objects.exists()
    done = post(client, kafjord, handling="add_tag", id=[ane.pk, bo.pk], gjor="1", valg=tag.pk)
    batch = ChangeBatch.objects.get()
    assert done["Location"] == f"/lag/kafjord/medlemmer/?endret={batch.pk}"
    assert (tags_of(bo), tags_of(cato)) == ([tag.name], [])
    page = client.get(done["Location"]).text
    assert "2 medlemmer er lagt i Kvinnenettverket" in page
    undone = client.post(reverse("membership:batch_undo", args=["kafjord", batch.pk]), follow=True)
    assert "Angret: 2 medlemmer er som før." in undone.text
    assert tags_of(bo) == []
    again = client.post(reverse("membership:batch_undo", args=["kafjord", batch.pk]), follow=True)
    assert "Det er angret allerede" in again.text


def test_all_hits_are_asked_for_again_with_the_lists_filters(kafjord: Branch, client: Client) -> None:
    old = make_member(kafjord, "Old", joined_on=TODAY.replace(year=2001))
    new = [make_member(kafjord, f"N{n}", joined_on=TODAY) for n in range(60)]
    gone = make_member(kafjord, "Gone", joined_on=TODAY, status=MemberStatus.RESIGNED)
    asked = post(client, kafjord, "?fra=01.01.2026", handling="check", alle="1")
    assert "60 medlemmer" in asked.text
    done = post(client, kafjord, "?fra=01.01.2026", handling="check", alle="1", gjor="1", sett=seen(asked))
    assert done.status_code == 302
    checked = set(Member.objects.filter(checked_on=TODAY).values_list("pk", flat=True))
    assert checked == {member.pk for member in new}
    assert not {old.pk, gone.pk} & checked


def test_all_hits_follow_a_search(kafjord: Branch, client: Client) -> None:
    make_member(kafjord, "Ragna", "Somby")
    make_member(kafjord, "Ane", "Berg")
    found = client.post(reverse("membership:member_list", args=["kafjord"]), {"q": "somby"})["Location"]
    query = "?" + found.partition("?")[2]
    asked = post(client, kafjord, query, handling="check", alle="1")
    assert "Somby, Ragna" in asked.text
    assert "Berg, Ane" not in asked.text


def test_when_all_are_no_longer_the_same_it_asks_again(kafjord: Branch, client: Client) -> None:
    make_member(kafjord)
    gone = make_member(kafjord)
    asked = post(client, kafjord, handling="check", alle="1")
    Member.objects.filter(pk=gone.pk).update(status=MemberStatus.RESIGNED)
    # As many as before, but not the same.
    make_member(kafjord)
    answer = post(client, kafjord, handling="check", alle="1", gjor="1", sett=seen(asked))
    assert answer.status_code == 422
    assert "Lista har endret seg" in answer.text
    assert not Member.objects.filter(checked_on__isnull=False).exists()


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ("?fra=31.02.2026", {"alle": "1"}),
        ("?status=owner", {"alle": "1"}),
        ("?sok=forgotten", {"alle": "1"}),
        ("", {"id": ["x"]}),
        ("", {"id": ["9" * 40]}),
        ("", {"id": ["-1"]}),
        ("", {"id": ["1 OR 1=1"]}),
        ("", {"alle": "yes"}),
        ("", {}),
    ],
)
def test_what_is_not_understood_chooses_nobody(
    kafjord: Branch, client: Client, query: str, data: dict[str, Any]
) -> None:
    make_member(kafjord)
    answer = post(client, kafjord, query, handling="check", gjor="1", sett="1", **data)
    assert answer.status_code == 422
    assert not Member.objects.filter(checked_on__isnull=False).exists()


def test_a_foreign_id_among_those_ticked_refuses_all_of_it_and_names_nobody(
    county: Branch, kafjord: Branch, client: Client
) -> None:
    ane = make_member(kafjord, "Ane", "Egen")
    foreign = make_member(make_branch(county, "Lyngen"), "Ragna", "Qvilvik")
    hidden = make_member(kafjord, "Bo", "Utmeldt", status=MemberStatus.RESIGNED)
    before = state()
    for other in (foreign, hidden):
        for sent in ({}, {"gjor": "1"}):
            answer = post(client, kafjord, handling="check", id=[ane.pk, other.pk], **sent)
            assert answer.status_code == 422
            assert not any(word in answer.text for word in ("Qvilvik", "Utmeldt", "Egen"))
    assert state() == before
    assert post(client, kafjord, "?lag=lyngen", handling="check", alle="1").status_code == 404


def test_a_group_of_another_county_and_a_branch_that_is_not_ones_own_are_no_choice(
    county: Branch, kafjord: Branch, client: Client
) -> None:
    ane = make_member(kafjord)
    make_branch(kafjord, "Birtavarre")
    make_branch(county, "Lyngen")
    make_tag(county)
    foreign = make_tag(make_county("Nordland"), "Deres")
    for sent in (
        {"handling": "add_tag", "valg": foreign.pk},
        {"handling": "add_tag", "valg": ""},
        {"handling": "add_tag", "valg": "x\x00"},
        {"handling": "move", "valg": "lyngen"},
        {"handling": "move", "valg": "troms"},
    ):
        answer = post(client, kafjord, id=[ane.pk], gjor="1", **sent)
        assert answer.status_code == 422
        assert not any(word in answer.text for word in ("Deres", "Lyngen"))
    assert post(client, kafjord, handling="delete", id=[ane.pk]).status_code == 404


def test_without_groups_or_branches_it_says_what_to_do(kafjord: Branch, client: Client) -> None:
    ane = make_member(kafjord)
    assert "ingen grupper ennå" in post(client, kafjord, handling="add_tag", id=[ane.pk]).text
    assert "ett medlem om gangen" in post(client, kafjord, handling="move", id=[ane.pk]).text


def test_moving_from_the_list(county: Branch, kafjord: Branch, client_for: Callable[..., Client]) -> None:
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    ane = make_member(kafjord)
    make_branch(county, "Tromsø")
    post(client, county, handling="move", id=[ane.pk], gjor="1", valg="tromso")
    ane.refresh_from_db()
    assert ane.branch.slug == "tromso"


def test_two_records_go_to_the_page_that_compares_them_and_only_two(
    county: Branch, kafjord: Branch, client: Client
) -> None:
    ane, bo, cato = (make_member(kafjord, name) for name in ("Ane", "Bo", "Cato"))
    foreign = make_member(make_branch(county, "Lyngen"), "Ragna", "Qvilvik")
    both = post(client, kafjord, handling="merge", id=[ane.pk, bo.pk])
    assert both["Location"] == reverse("membership:merge", args=["kafjord", ane.pk, bo.pk])
    for wrong in ([ane.pk], [ane.pk, bo.pk, cato.pk], [ane.pk, foreign.pk], []):
        answer = post(client, kafjord, handling="merge", id=wrong)
        assert answer.status_code == 422
        assert "Qvilvik" not in answer.text


# --- Very many -------------------------------------------------------------------------------------------------------


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is a job for thousands is one for three."""
    monkeypatch.setattr("membership.actions.bulk.AT_ONCE", 2)
    monkeypatch.setattr("membership.actions.bulk.CHUNK", 2)


def start_job(client: Client, branch: Branch, n: int) -> Job:
    for i in range(n):
        make_member(branch, f"N{i}")
    answer = post(
        client,
        branch,
        handling="check",
        alle="1",
        gjor="1",
        sett=seen(post(client, branch, handling="check", alle="1")),
    )
    job = Job.objects.get()
    assert answer["Location"] == reverse("membership:job", args=[branch.slug, job.pk])
    return job


@pytest.mark.usefixtures("few_at_once")
def test_very_many_are_a_job_that_can_be_undone_as_one(kafjord: Branch, client: Client) -> None:
    job = start_job(client, kafjord, 5)
    assert not Member.objects.filter(checked_on=TODAY).exists()
    run(job.pk)
    job.refresh_from_db()
    batch = ChangeBatch.objects.get()
    assert (job.state, batch.count) == (JobState.DONE, 5)
    assert Member.objects.filter(checked_on=TODAY).count() == 5
    assert client.get(job.params["next"]).text.count("5 medlemmer er merket som sjekket") == 1
    client.post(reverse("membership:batch_undo", args=["kafjord", batch.pk]))
    run(Job.objects.exclude(pk=job.pk).get().pk)
    assert not Member.objects.filter(checked_on__isnull=False).exists()


@pytest.mark.usefixtures("few_at_once")
def test_a_job_done_again_after_a_dead_worker_changes_nobody_twice(kafjord: Branch, client: Client) -> None:
    job = start_job(client, kafjord, 5)
    run(job.pk)
    Job.objects.update(state=JobState.QUEUED)
    run(job.pk)
    assert ChangeBatch.objects.get().count == 5
    assert MemberChange.objects.count() == 5


@pytest.mark.usefixtures("few_at_once")
def test_what_a_job_did_before_it_was_lost_can_be_undone(
    kafjord: Branch, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start_job(client, kafjord, 5)

    def die(_job: Job, done: int) -> None:
        raise JobLost

    with monkeypatch.context() as broken:
        broken.setattr("membership.bulk_handlers.jobs.progress", die)
        run(job.pk)
    batch = ChangeBatch.objects.get()
    assert batch.count == Member.objects.filter(checked_on=TODAY).count() == 2
    assert str(batch.pk) in client.get(reverse("membership:batches", args=["kafjord"])).text


@pytest.mark.usefixtures("few_at_once")
def test_a_job_changes_nobody_who_has_left_and_nothing_for_one_who_has_lost_the_right(
    county: Branch, kafjord: Branch, client: Client, officer: User
) -> None:
    job = start_job(client, kafjord, 4)
    gone = Member.objects.order_by("pk").first()
    assert gone
    secretary, lyngen = make_officer(county, Role.COUNTY_SECRETARY), make_branch(county, "Lyngen")
    change(county, [gone], Change(BulkKind.MOVE, branch=lyngen), secretary)
    end(officer.grants.get(), by=None, on=TODAY)
    run(job.pk)
    assert not Member.objects.filter(checked_on__isnull=False).exists()
    officer.grants.update(ends_on=None)
    Job.objects.update(state=JobState.QUEUED)
    run(job.pk)
    assert Member.objects.filter(checked_on=TODAY).count() == 3
    gone.refresh_from_db()
    assert gone.checked_on is None


def test_more_than_one_piece_of_work_can_hold_is_refused(
    kafjord: Branch, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("membership.selection.MOST", 1)
    make_member(kafjord)
    make_member(kafjord)
    assert post(client, kafjord, handling="check", alle="1").status_code == 422


# --- The page of what was done ---------------------------------------------------------------------------------------


def test_the_page_of_changes_shows_ones_own_branches_and_who_stands_in_the_way(
    county: Branch, kafjord: Branch, client: Client, officer: User
) -> None:
    birtavarre, lyngen = make_branch(kafjord, "Birtavarre"), make_branch(county, "Lyngen")
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    ane, bo = make_member(kafjord, "Ane", "Egen"), make_member(birtavarre, "Bo", "Borte")
    mine = change(kafjord, [ane, bo], Change(BulkKind.CHECK), officer)
    theirs = change(lyngen, [make_member(lyngen)], Change(BulkKind.CHECK), secretary)
    above = change(county, [ane], Change(BulkKind.ADD_TAG, tag=make_tag(county)), secretary)
    page = client.get(reverse("membership:batches", args=["kafjord"])).text
    assert str(mine.pk) in page
    assert str(theirs.pk) not in page
    assert str(above.pk) not in page
    for foreign in (theirs, above):
        for name in ("membership:batch", "membership:batch_undo"):
            url = reverse(name, args=["kafjord", foreign.pk])
            assert client.post(url).status_code in {404, 405}
            assert client.get(url).status_code in {404, 405}
    change(county, [bo], Change(BulkKind.MOVE, branch=lyngen), secretary)
    pen = Pen(secretary, ChangeSource.OFFICER, NOW, TODAY)
    write([Edit(locked(Member.objects.filter(pk=ane.pk))[0], {"checked_on": None})], pen=pen)
    detail = client.get(reverse("membership:batch", args=["kafjord", mine.pk])).text
    assert "Egen, Ane" in detail
    assert "Borte" not in detail
    assert "1 som ikke lenger hører til her" in detail


def test_other_kinds_lead_to_the_pages_that_take_them_back_for_those_who_may(
    county: Branch, client_for: Callable[..., Client]
) -> None:
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    merged, reformed = (
        open_batch(county, kind=kind, by=secretary, now=NOW, count=1) for kind in (BatchKind.MERGE, BatchKind.REFORM)
    )
    merge, reform = f"/lag/troms/medlemmer/sammenslatt/{merged.pk}/", f"/lag/troms/kommunepartier/{reformed.pk}/"
    page = client_for(secretary).get("/lag/troms/medlemmer/angre/").text
    assert (merge in page, reform in page) == (True, True)
    page = client_for(make_officer(county, Role.COUNTY_MEMBERSHIP_OFFICER)).get("/lag/troms/medlemmer/angre/").text
    assert (merge in page, reform in page) == (True, False)
    assert client_for(secretary).post(reverse("membership:batch_undo", args=["troms", merged.pk])).status_code == 404


@pytest.mark.parametrize("n", [1, 3])
def test_the_page_of_changes_costs_the_same_however_many(
    county: Branch, kafjord: Branch, client: Client, officer: User, n: int, django_assert_num_queries: Any
) -> None:
    for i in range(n):
        change(kafjord, [make_member(kafjord)], Change(BulkKind.ADD_TAG, tag=make_tag(county, f"G{i}")), officer)
    with django_assert_num_queries(6):
        assert client.get(reverse("membership:batches", args=["kafjord"])).status_code == 200


def test_naughty_names_of_groups_are_text(kafjord: Branch, county: Branch, client: Client) -> None:
    ane = make_member(kafjord, "<b>Ane</b>{pk}", '"><script>alert(1)</script>{name}')
    tag = make_tag(county, "<script>alert(2)</script>")
    asked = post(client, kafjord, handling="add_tag", id=[ane.pk])
    done = post(client, kafjord, handling="add_tag", id=[ane.pk], gjor="1", valg=tag.pk)
    listed = client.get(done["Location"])
    for page in (asked, listed, client.get(reverse("membership:batches", args=["kafjord"]))):
        assert "<script>alert" not in page.text
        assert "<b>Ane" not in page.text
    assert "&lt;/b&gt;{pk}" in listed.text
