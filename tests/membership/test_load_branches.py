"""A county's tree from a file."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent
from membership.actions.tree import NotOneCounty, NumberTaken, UnknownParent
from membership.branch_file import TROMS, BranchFileError, load
from membership.models import Branch, BranchNumber, BranchSummary
from tests.factories import make_county, make_user

pytestmark = pytest.mark.django_db


def state() -> list[object]:
    """Everything the tree holds, to compare before and after."""
    return [list(model.objects.order_by("pk").values()) for model in (Branch, BranchNumber, BranchSummary)]


def test_troms_has_its_21_municipal_branches() -> None:
    county = load(TROMS, by=None)

    assert county.name == "Troms Arbeiderparti"
    municipal = county.subtree.filter(kind="municipal")
    assert municipal.count() == 21
    assert county.subtree.count() == 22
    assert {"tromso", "kafjord", "kvaenangen", "dyroy", "malselv"} <= set(municipal.values_list("slug", flat=True))
    assert BranchSummary.objects.filter(county=county).count() == 22


def test_a_merged_municipality_keeps_all_its_old_numbers_with_their_years() -> None:
    load(TROMS, by=None)

    numbers = BranchNumber.objects.filter(branch__slug="senja").order_by("valid_from", "number", "id")
    assert [(number.number, number.name, number.valid_from.year, number.valid_to) for number in numbers] == [
        ("1927", "Tranøy", 1900, date(2020, 1, 1)),
        ("1928", "Torsken", 1900, date(2020, 1, 1)),
        ("1929", "Berg", 1900, date(2020, 1, 1)),
        ("1931", "Lenvik", 1900, date(2020, 1, 1)),
        ("5421", "Senja", 2020, date(2024, 1, 1)),
        ("5530", "Senja", 2024, None),
    ]
    assert set(BranchNumber.objects.filter(branch__slug="tjeldsund").values_list("number", flat=True)) == {
        "1852",
        "1913",
        "5412",
        "5512",
    }


def test_the_same_file_twice_changes_nothing() -> None:
    load(TROMS, by=None)
    before = state()
    load(TROMS, by=None)
    assert state() == before


def test_a_new_reform_closes_the_old_number() -> None:
    row = {"county": "Troms", "place": "Kåfjord", "numbers_2020": "5426"}
    load([row], by=None)
    load([row | {"numbers_2024": "5540"}], by=None)

    assert list(BranchNumber.objects.order_by("valid_from", "id").values_list("number", "valid_to")) == [
        ("5426", date(2024, 1, 1)),
        ("5540", None),
    ]


def test_local_branches_stand_under_their_municipal_branch_wherever_in_the_file_they_are() -> None:
    load(
        [
            {"county": "Troms", "place": "Kvaløya", "parent": "Tromsø", "name": "Kvaløya partilag"},
            {"county": "Troms", "place": "Tromsø", "name": "Tromsø Arbeiderparti"},
        ],
        by=None,
    )

    local = Branch.objects.get(slug="kvaloya")
    assert local.kind == "local"
    assert local.parent == Branch.objects.get(slug="tromso")
    assert local.county == Branch.objects.get(slug="troms")


def test_a_slug_taken_in_another_county_gets_the_county_after_it() -> None:
    load([{"county": "Møre og Romsdal", "place": "Herøy"}], by=None)
    load([{"county": "Nordland", "place": "Herøy"}], by=None)

    assert set(Branch.objects.filter(place="Herøy").values_list("slug", flat=True)) == {"heroy", "heroy-nordland"}


def test_a_slug_that_is_given_is_used() -> None:
    load([{"county": "Oslo", "place": "Gamle Oslo", "slug": "gamlebyen"}], by=None)
    assert Branch.objects.filter(slug="gamlebyen").exists()


def test_norwegian_headings_windows_letters_and_commas_are_read(tmp_path: Path) -> None:
    path = tmp_path / "lag.csv"
    path.write_bytes("Fylke,Sted,Navn,Kommunenummer 2024\r\nOslo,Sørkedalen,Sørkedalen Ap,301\r\n".encode("cp1252"))

    county = load(path, by=None)

    branch = county.subtree.get(slug="sorkedalen")
    assert branch.name == "Sørkedalen Ap"
    assert list(branch.numbers.values_list("number", flat=True)) == ["0301"]


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ([{"county": "Troms", "place": "Kvaløya", "parent": "Tromsø"}], UnknownParent),
        ([{"county": "Troms", "place": "Bardu"}, {"county": "Nordland", "place": "Bodø"}], NotOneCounty),
        ([], NotOneCounty),
        ([{"county": "Troms", "place": ""}], BranchFileError),
        ([{"county": "Troms", "place": "Bardu", "numbers_2024": "55-20"}], BranchFileError),
        (
            [
                {"county": "Troms", "place": "Bardu", "numbers_2024": "5520"},
                {"county": "Troms", "place": "Målselv", "numbers_2024": "5520"},
            ],
            NumberTaken,
        ),
    ],
)
def test_what_cannot_be_loaded_is_refused_whole(rows: list[dict[str, str]], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        load(rows, by=None)
    assert not Branch.objects.exists()


def test_the_command_says_what_it_made_and_who_made_it_stands_in_the_log() -> None:
    user = make_user()
    out = StringIO()
    call_command("load_branches", str(TROMS), "--by", user.email, stdout=out)

    assert out.getvalue() == "Troms Arbeiderparti: 22 made, 21 under the county.\n"
    assert AuditEvent.objects.filter(verb="branch.created", actor_id=user.pk).count() == 22


@pytest.mark.parametrize("arguments", [["no-such-file.csv"], [str(TROMS), "--by", "nobody@demo.example"]])
def test_the_command_refuses_with_a_sentence(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"There is no .*\."):
        call_command("load_branches", *arguments)


def test_a_county_that_is_there_already_is_used() -> None:
    county = make_county("Troms")
    assert load(TROMS, by=None) == county
