"""Who is who in the demo."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from common.phone import DEMO_PREFIX
from demo.load import load_demo
from demo.officers import AWAY, NO_OFFICER
from membership.models import BoardPost, Branch, Grant
from tests.factories import TODAY

pytestmark = pytest.mark.django_db


def test_the_county_sees_who_is_missing_and_who_is_away(client_for: Callable[[User], Client]) -> None:
    load_demo()
    secretary = User.objects.get(email="fylkessekretaer@demo.example")
    client = client_for(secretary)
    url = reverse("membership:directory", args=["troms"])

    def places(query: str) -> list[str]:
        return [entry.branch.place for entry in client.get(url + query).context["listing"].rows]

    assert places("?vis=uten") == [NO_OFFICER]
    assert places("?vis=borte") == list(AWAY)
    text = client.get(url).text
    assert f"vikar for {secretary.name}" in text
    assert "Ansatt" in text


def test_every_branch_has_a_board_with_one_leader_none_of_them_protected() -> None:
    load_demo()
    held = BoardPost.objects.in_force(TODAY).filter(title="leader")
    municipal = Branch.objects.filter(kind="municipal")
    assert sorted(held.values_list("branch_id", flat=True)) == sorted(municipal.values_list("id", flat=True))
    assert not BoardPost.objects.filter(member__isnull=False).exclude(member__address_protection="").exists()
    assert BoardPost.objects.filter(branch__slug="kafjord", title="leader", ends_on__lte=TODAY).count() == 1


def test_nobodys_phone_can_be_dialled_and_nobody_was_here_after_today() -> None:
    load_demo()
    assert not User.objects.exclude(phone__startswith=DEMO_PREFIX).exists()
    assert not User.objects.filter(last_login__date__gte=TODAY).exists()
    assert Grant.objects.filter(stands_in_for__isnull=False, ends_on__gt=TODAY).count() == 1


def test_a_small_and_a_large_demo_have_officers_too() -> None:
    load_demo(members=300, branches=3)
    assert BoardPost.objects.exists()
    load_demo(members=3_000, branches=60)
    assert Grant.objects.filter(role="membership_officer").count() <= 45
