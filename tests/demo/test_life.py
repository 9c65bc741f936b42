"""What has happened to the demo's register lately."""

import pytest

from demo.load import load_demo
from membership.enums import ChangeSource
from membership.models import Branch, ChangeBatch, DuplicatePair, Member, MemberChange, MoveRequest, Tag
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db


def test_officers_have_worked_with_the_register() -> None:
    load_demo()
    kafjord, tromso = Branch.objects.get(slug="kafjord"), Branch.objects.get(slug="tromso")
    for branch in (kafjord, tromso):
        changes = MemberChange.objects.filter(member__in=branch.members)
        assert changes.filter(source=ChangeSource.OFFICER, field="email").exists()
        assert branch.members.filter(checked_on__isnull=False).exists()
        assert branch.members.filter(email_bounced_on__isnull=False, email__gt="").exists()
        assert MoveRequest.objects.waiting().to(branch).count() == 1
    assert not MemberChange.objects.filter(at__date__gt=TODAY).exists()
    assert not MemberChange.objects.exclude(member__address_protection="").exclude(field="tags").exists()


def test_each_group_has_somebody() -> None:
    load_demo()
    assert Tag.objects.count() == 4
    assert not Tag.objects.filter(members__isnull=True).exists()


def test_some_stand_twice_and_have_been_found() -> None:
    load_demo()
    for slug in ("kafjord", "tromso"):
        assert DuplicatePair.objects.open().within(Branch.objects.get(slug=slug)).count() >= 2


def test_the_newest_piece_of_work_can_be_undone() -> None:
    load_demo()
    assert ChangeBatch.objects.undoable(NOW).count() == 1


def test_a_small_demo_has_it_too() -> None:
    load_demo(members=300, branches=3)
    assert MemberChange.objects.exists()
    assert Member.objects.current().count() == 300
