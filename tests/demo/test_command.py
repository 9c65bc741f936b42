"""manage.py demo."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from demo.day import forget, stored_day
from demo.models import DemoDay
from membership.models import Branch, Member
from tests.factories import make_county

pytestmark = pytest.mark.django_db

SMALL = ("--members", "200", "--branches", "3")


def _run(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def test_it_says_what_is_there_and_which_day_it_is() -> None:
    said = _run(*SMALL)
    assert said.startswith("200 members in 6 branches, ")
    assert "20.11.2026" in said


def test_another_day_can_be_chosen() -> None:
    _run(*SMALL, "--today", "04.05.2027")
    assert DemoDay.objects.get().day_on == date(2027, 5, 4)


def test_if_empty_loads_once() -> None:
    _run(*SMALL, "--if-empty")
    first = Member.objects.order_by("id").first()
    assert first is not None
    Member.objects.filter(pk=first.pk).update(first_name="Endra")
    assert "nothing was changed" in _run("--if-empty")
    assert Member.objects.get(pk=first.pk).first_name == "Endra"


def test_if_empty_leaves_a_register_of_ones_own_in_peace() -> None:
    make_county("Nordland")
    _run("--if-empty")
    assert not Member.objects.exists()


def test_a_register_of_ones_own_is_never_replaced() -> None:
    make_county("Nordland")
    with pytest.raises(CommandError, match="left as it is"):
        _run()
    assert Branch.objects.count() == 1


def test_production_refuses(settings: Settings) -> None:
    settings.MODE = "production"
    with pytest.raises(CommandError, match="MODE=demo only"):
        _run()
    assert not Branch.objects.exists()


def test_too_few_branches_is_told_in_a_sentence() -> None:
    with pytest.raises(CommandError, match="at least two"):
        _run("--branches", "1")


@pytest.mark.parametrize("day", ["31.02.2026", "i morgen"])
def test_a_day_that_is_none_is_told(day: str) -> None:
    with pytest.raises(CommandError, match="--today"):
        _run("--today", day)


def test_the_stored_day_is_remembered_until_the_demo_is_made_anew() -> None:
    assert stored_day() is None
    DemoDay.objects.create(id=1, day_on=date(2026, 1, 2), seed=1, members=1)
    assert stored_day() is None
    forget()
    assert stored_day() == date(2026, 1, 2)
