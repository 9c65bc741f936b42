from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from dues.actions.payments import register_payment, undo_payment
from dues.actions.summaries import recount
from dues.enums import ClaimState
from dues.extensions import status_cells, status_choices, unpaid_count, with_status
from dues.models import Claim
from dues.panel import member_dues
from membership.extensions import registry
from membership.models import Branch, Member
from membership.roles import Role
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def people(kafjord: Branch) -> dict[str, Member]:
    """One of each kind this year."""
    made = {
        word: make_member(kafjord, first_name=word) for word in ("unpaid", "partly", "paid", "none", "waived", "left")
    }
    make_claim(made["unpaid"])
    make_claim(made["partly"], outstanding_ore=100)
    make_claim(made["paid"], outstanding_ore=0)
    make_claim(made["none"], year=2025)
    make_claim(made["waived"])
    make_claim(made["left"])
    Claim.objects.filter(member=made["waived"]).update(state=ClaimState.WAIVED)
    Claim.objects.filter(member=made["left"]).update(state=ClaimState.CANCELLED)
    recount()
    return made


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-ubetalt", {"unpaid", "partly"}),
        ("2026-delvis", {"partly"}),
        ("2026-betalt", {"paid"}),
        ("2026-uten-krav", {"none", "left"}),
        ("2025-ubetalt", {"none"}),
        ("2026-", set()),
        ("2026-tull", set()),
        ("tull", set()),
    ],
)
def test_the_register_is_filtered_by_a_years_dues(
    kafjord: Branch, people: dict[str, Member], value: str, found: set[str]
) -> None:
    members = with_status(kafjord.members, value, kafjord, TODAY)
    assert {member.first_name for member in members} == found


def test_every_choice_of_the_filter_is_one_it_knows(kafjord: Branch, people: dict[str, Member]) -> None:
    choices = status_choices(kafjord, TODAY)
    assert choices[0] == ("2026-ubetalt", "Ikke betalt 2026")
    assert len(choices) == 20
    found = {value: with_status(kafjord.members, value, kafjord, TODAY).count() for value, _label in choices}
    assert found["2024-uten-krav"] == len(people)


def test_the_column_tells_this_years_status_with_one_query(
    kafjord: Branch, people: dict[str, Member], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        cells = status_cells([member.pk for member in people.values()], kafjord, TODAY)
    told = {word: (str(cells[m.pk].text), cells[m.pk].tone) for word, m in people.items() if m.pk in cells}
    assert told == {
        "unpaid": ("Ikke betalt", "danger"),
        "partly": ("Delvis betalt", "warning"),
        "paid": ("Betalt", "success"),
        "waived": ("Ettergitt", "neutral"),
    }


def test_the_tab_counts_from_summary_rows(
    kafjord: Branch, people: dict[str, Member], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert unpaid_count(kafjord, TODAY) == 2
    Claim.objects.all().update(outstanding_ore=0)
    assert unpaid_count(kafjord, TODAY) == 2
    assert unpaid_count(make_county("Nordland"), TODAY) == 0


def test_dues_adds_these_to_the_register() -> None:
    assert {item.key for item in registry.nav} >= {"kontingent"}
    assert [panel.template for panel in registry.member_panels].count("dues/_member_panel.html") == 1
    assert [one.name for one in registry.imports].count("dues") == 1
    for entries in (registry.member_filters, registry.member_columns):
        assert [entry.name for entry in entries].count("kontingent") == 1
    (view,) = [view for view in registry.member_views if view.key == "ikke-betalt"]
    assert view.params(TODAY) == {"kontingent": "2026-ubetalt"}


# --- The panel


def panel(member: Member, branch: Branch) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = member_dues(member, branch, TODAY)["rows"]
    return rows


def test_the_panel_has_the_years_newest_first(kafjord: Branch, django_assert_num_queries: Any) -> None:
    member = make_member(kafjord)
    register_payment(make_claim(member, year=2025), amount_ore=45000, paid_on=TODAY, by=None, now=NOW)
    make_claim(member)
    with django_assert_num_queries(2):
        context = member_dues(member, kafjord, TODAY)
    assert [(row["year"], str(row["status"])) for row in context["rows"]] == [(2026, "Ikke betalt"), (2025, "Betalt")]
    assert context["rows"][1]["paid_on"] == TODAY
    assert context["open"]["amount"] == "450"


def test_a_payment_that_was_undone_is_not_a_payment(kafjord: Branch) -> None:
    member = make_member(kafjord)
    claim = make_claim(member)
    payment = register_payment(claim, amount_ore=100, paid_on=TODAY, by=None, now=NOW)
    assert panel(member, kafjord)[0]["undo_url"].endswith(f"/{payment.pk}/angre/")
    undo_payment(payment, by=None, now=NOW)
    row = panel(member, kafjord)[0]
    assert (row["undo_url"], row["paid_on"], str(row["status"])) == ("", None, "Ikke betalt")


def test_what_was_paid_in_another_branch_is_undone_there(county: Branch, kafjord: Branch) -> None:
    member = make_member(kafjord)
    register_payment(make_claim(member), amount_ore=45000, paid_on=TODAY, by=None, now=NOW)
    assert panel(member, county)[0]["undo_url"]
    assert not panel(member, make_branch(county, "Harstad"))[0]["undo_url"]


@pytest.mark.parametrize(("role", "may"), [(Role.MEMBERSHIP_OFFICER, True), (Role.BRANCH_LEADER, False)])
def test_the_member_page_shows_the_panel(
    client_for: Callable[[User], Client], kafjord: Branch, role: Role, may: bool
) -> None:
    member = make_member(kafjord)
    claim = make_claim(member)
    register_payment(make_claim(member, year=2025), amount_ore=100, paid_on=TODAY, by=None, now=NOW)
    html = client_for(make_officer(kafjord, role)).get(f"/lag/{kafjord.slug}/medlemmer/{member.pk}/").content.decode()
    assert "Kontingent per år" in html
    assert (f"/betaling/{claim.pk}/" in html) == may
    assert ("/angre/" in html) == may
