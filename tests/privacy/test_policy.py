"""The policy is what happens: another number in the file, and the jobs do another thing. And the board can read it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from accounts.actions import clear_expired, record
from accounts.enums import Verb
from accounts.invitations import invited, link_for
from accounts.models import AuditEvent, User
from common.policy import policy
from jobs.actions import start
from jobs.models import Job
from membership.actions.editing import open_batch
from membership.actions.imports import forget_old as forget_imports
from membership.actions.undo import forget_stores
from membership.enums import BatchKind, ImportState
from membership.models import Branch, Merge, RegisterImport
from membership.roles import Role
from messaging.actions.outbox import queue_email
from messaging.enums import Channel, InboxState, Purpose
from messaging.forgetting.yearly import forget_old as forget_messages
from messaging.models import Delivery, InboxMessage
from privacy.actions.departures import leave
from privacy.actions.links import make_link
from privacy.enums import LeaveWay, LinkKind
from privacy.models import AccessLink, Departure, PrivacySettings
from privacy.rules import rules_of
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.privacy.obeying import obey

ClientFor = Callable[[User], Client]
Obey = Callable[[str, str], None]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def obeyed(settings: Any, tmp_path: Path) -> Obey:
    return lambda key, keep: obey(settings, tmp_path, key, keep)


def test_lines_of_the_log_go_when_the_policy_says(obeyed: Obey) -> None:
    record(Verb.SIGNED_IN, by=None, now=NOW - 40 * DAY)
    obeyed("log", "{days: 30}")
    record(Verb.SIGNED_OUT, by=None, now=NOW - 40 * DAY)
    assert clear_expired(today=TODAY, now=NOW) == 1
    assert AuditEvent.objects.get().verb == Verb.SIGNED_IN


def test_what_can_be_undone_is_kept_as_long_as_the_policy_says(kafjord: Branch, obeyed: Obey) -> None:
    obeyed("undo", "{days: 3}")
    member = make_member(kafjord)
    batch = open_batch(kafjord, kind=BatchKind.MERGE, by=None, now=NOW)
    Merge.objects.create(batch=batch, kept=member, lost_id=1, lost={}, moved={})
    assert forget_stores(now=NOW + 3 * DAY - timedelta(seconds=1)) == 0
    assert forget_stores(now=NOW + 3 * DAY) == 1


def test_register_files_and_results_go_when_the_policy_says(county: Branch, obeyed: Obey) -> None:
    officer = make_officer(county, Role.COUNTY_SECRETARY)
    common = {"branch": county, "county": county, "started_by": officer}
    waiting = RegisterImport.objects.create(**common, state=ImportState.READ, file=ContentFile(b"x", "a.csv"))
    done = RegisterImport.objects.create(**common, state=ImportState.APPLIED, result_file=ContentFile(b"x", "r.xlsx"))
    RegisterImport.objects.filter(pk=waiting.pk).update(created_at=NOW - timedelta(hours=2))
    RegisterImport.objects.filter(pk=done.pk).update(applied_at=NOW - 2 * DAY)
    assert forget_imports(now=NOW) == 0
    obeyed("register_files", "{hours: 1}")
    assert forget_imports(now=NOW) == 1
    obeyed("register_results", "{days: 1}")
    assert forget_imports(now=NOW) == 1


def test_files_of_jobs_go_when_the_policy_says(county: Branch, obeyed: Obey) -> None:
    obeyed("job_results", "{hours: 2}")
    officer = make_officer(county, Role.COUNTY_SECRETARY)
    job = start("none", by=officer, branch_id=county.pk, permission="view_members", params={})
    assert Job.objects.get(pk=job.pk).expires_at == NOW + timedelta(hours=2)


@pytest.mark.parametrize("purpose", ["sign_in", "invitation", "notice", "reply", "test"])
def test_texts_are_wiped_when_the_policy_says(purpose: str, obeyed: Obey, settings: Any) -> None:
    obeyed(f"text_{purpose}", "{minutes: 3}")
    settings.DEMO = False
    sent = queue_email(
        key=purpose, purpose=Purpose(purpose), address="ane@example.no", subject="Hei", body="Hei", now=NOW
    )
    assert Delivery.objects.get(pk=sent.pk).wipe_at == NOW + timedelta(minutes=3)


def test_an_invitation_holds_as_long_as_the_policy_says(obeyed: Obey, clock: Any) -> None:
    user = User.objects.create_user("ny@example.no", name="Ny Bruker")
    token = link_for(user).rstrip("/").rpartition("/")[2]
    clock.move_to(NOW + 3 * DAY)
    assert invited(token) == user
    obeyed("text_invitation", "{days: 2}")
    assert invited(token) is None


def test_what_came_in_goes_when_the_policy_says(kafjord: Branch, obeyed: Obey) -> None:
    InboxMessage.objects.create(
        branch=kafjord,
        county_id=kafjord.root_id,
        municipal=kafjord,
        channel=Channel.EMAIL,
        address="ane@example.no",
        text="Hei",
        state=InboxState.OPEN,
        external_id="1",
        received_at=NOW - 40 * DAY,
    )
    assert not forget_messages(now=NOW, today=TODAY)["inbox"]
    obeyed("inbox", "{days: 30}")
    assert forget_messages(now=NOW, today=TODAY)["inbox"] == 1


def test_who_got_what_goes_when_the_policy_says(obeyed: Obey) -> None:
    queue_email(key="k", purpose=Purpose.NOTICE, address="ane@example.no", subject="Hei", body="Hei", now=NOW)
    Delivery.objects.update(state="sent", created_at=NOW - 40 * DAY)
    assert not forget_messages(now=NOW, today=TODAY)["alone"]
    obeyed("who_got", "{days: 30}")
    assert forget_messages(now=NOW, today=TODAY)["alone"] == 1


@pytest.mark.parametrize("kind", LinkKind.values)
def test_a_link_holds_as_long_as_the_policy_says(kind: str, kafjord: Branch, obeyed: Obey) -> None:
    obeyed(f"link_{kind}", "{minutes: 4}")
    member = make_member(kafjord)
    make_link(LinkKind(kind), channel=Channel.EMAIL, address=member.email, now=NOW, member=member)
    assert AccessLink.objects.get().expires_at == NOW + timedelta(minutes=4)


def test_where_nobody_has_chosen_the_policy_says_when_one_is_erased(kafjord: Branch, obeyed: Obey) -> None:
    obeyed("leaving", "{days: 3, after: left, least: 0, most: 14, setting: correction_days}")
    leave(make_member(kafjord), way=LeaveWay.LINK, left_on=TODAY, by=None, now=NOW, today=TODAY)
    assert Departure.objects.get().erase_on == TODAY + 3 * DAY


def test_a_county_never_keeps_longer_than_the_policy_lets_it(county: Branch, obeyed: Obey) -> None:
    PrivacySettings.objects.create(county=county, correction_days=14, unpaid_months=6)
    obeyed("leaving", "{days: 3, after: left, least: 0, most: 5, setting: correction_days}")
    assert rules_of(county).correction_days == 5
    obeyed("unpaid", "{months: 3, after: dues_year, least: 1, most: 3, setting: unpaid_months}")
    assert rules_of(county).unpaid_months == 3


def test_the_board_reads_each_rule_as_it_stands(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    PrivacySettings.objects.create(county=county, correction_days=3, unpaid_months=2)
    client = client_for(make_officer(kafjord))
    page = client.get(reverse("privacy:policy", args=[kafjord.slug])).content.decode()
    for rule in policy().rules.values():
        assert rule.name in page
        assert rule.why in page
    assert "Her: 3 dager." in page
    assert "Her: 2 måneder etter kontingentåret." in page
    # The fields are there for whoever unfolds them, and no English word of the file is.
    assert page.index("<details") < page.index("membership.Member<")
    assert "with_member" not in page
    assert "accounts.tasks" not in page


def test_the_page_says_whom_the_rules_are_carried_out_by(kafjord: Branch, client_for: ClientFor) -> None:
    page = client_for(make_officer(kafjord)).get(reverse("privacy:policy", args=[kafjord.slug])).content.decode()
    assert "Programmet, av seg selv: Sletter gamle" in page
    assert "Et menneske gjør det" in page


def test_the_demo_mailbox_has_its_rule_in_the_demo_only(kafjord: Branch, client_for: ClientFor, settings: Any) -> None:
    client, url = client_for(make_officer(kafjord)), reverse("privacy:policy", args=[kafjord.slug])
    settings.DEMO = True
    assert "Meldinger i demoen" in client.get(url).content.decode()
    settings.DEMO = False
    assert "Meldinger i demoen" not in client.get(url).content.decode()


def test_a_caller_and_a_treasurer_do_not_open_it(kafjord: Branch, client_for: ClientFor) -> None:
    for role in (Role.CALLER, Role.TREASURER):
        client = client_for(make_officer(kafjord, role))
        assert client.get(reverse("privacy:policy", args=[kafjord.slug])).status_code == 404


def test_a_day_that_has_been_set_stays_when_the_county_changes_its_mind(county: Branch, kafjord: Branch) -> None:
    leave(make_member(kafjord), way=LeaveWay.LINK, left_on=TODAY, by=None, now=NOW, today=TODAY)
    PrivacySettings.objects.create(county=county, correction_days=0)
    assert Departure.objects.get().erase_on == date(2026, 11, 27)
