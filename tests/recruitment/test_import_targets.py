"""A county's table of votes, members and targets."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from accounts.models import AuditEvent
from membership.branch_file import TROMS, load
from membership.models import Branch
from membership.roles import Role
from recruitment.actions import last_election
from recruitment.enums import ElectionKind
from recruitment.models import ElectionResult, Target, TargetRound
from recruitment.target_file import TargetFileError, read
from tests.factories import make_county, make_officer

pytestmark = pytest.mark.django_db

TABLE = Path(settings.BASE_DIR) / "demo" / "data" / "troms-2018.csv"
HEADING = TABLE.read_text(encoding="utf-8").splitlines()[0].split(";")


@pytest.fixture
def troms() -> Branch:
    """The county with its 21 municipal branches."""
    return load(TROMS, by=None)


def run(path: Path, *arguments: str) -> str:
    """What the command says."""
    out = StringIO()
    call_command("import_targets", str(path), *arguments, stdout=out)
    return out.getvalue()


def write(path: Path, *rows: str) -> Path:
    """A file of the table's own heading and some rows."""
    path.write_text("\n".join([";".join(HEADING), *rows]), encoding="utf-8")
    return path


def state() -> list[object]:
    """All that an import writes, without the log."""
    return [
        list(TargetRound.objects.order_by("pk").values()),
        list(Target.objects.order_by("pk").values()),
        list(ElectionResult.objects.order_by("pk").values()),
    ]


def result(slug: str, kind: str, year: int) -> tuple[str, int | None, int | None]:
    """Number, votes, share."""
    found = ElectionResult.objects.get(branch__slug=slug, kind=kind, year=year)
    return found.number, found.votes, found.share_hundredths


def test_the_table_of_2018_goes_in_whole(troms: Branch) -> None:
    said = run(TABLE, "--deadline", "05.11.2018")

    assert said.startswith("Troms Arbeiderparti, recruiting 2018, total 2020: 21 branches, ")
    assert said.count("\n") == 1
    made = TargetRound.objects.get()
    assert (made.county, made.recruit_year, made.total_year, str(made.deadline_on)) == (
        troms,
        2018,
        2020,
        "2018-11-05",
    )
    assert made.targets.count() == 21
    assert sum(target.members_then or 0 for target in made.targets.all()) == 2071
    assert ElectionResult.objects.filter(kind="ko", year=2015).count() == 21
    assert ElectionResult.objects.filter(kind="st", year=2017).count() == 21


def test_a_repeated_heading_belongs_to_the_column_before_it(troms: Branch) -> None:
    run(TABLE)

    assert result("balsfjord", "ko", 2015) == ("1933", 1244, 4900)
    assert result("balsfjord", "st", 2017) == ("1933", 741, 2310)


def test_a_merged_branch_keeps_its_votes_by_the_number_of_the_merger_and_an_unknown_share(troms: Branch) -> None:
    run(TABLE)

    assert result("senja", "ko", 2015) == ("5421", 1999, None)
    assert result("tjeldsund", "st", 2017) == ("5412", 707, None)


def test_the_countys_own_result_comes_along(troms: Branch) -> None:
    run(TABLE)
    assert result("troms", "fy", 2015) == ("19", 22093, 3280)


def test_targets_that_are_not_set_stay_unknown(troms: Branch) -> None:
    run(TABLE)

    assert not Target.objects.exclude(recruit_target=None, total_target=None, answered_at=None).exists()


def test_the_same_file_twice_changes_nothing(troms: Branch) -> None:
    run(TABLE)
    before = state()
    assert "21 branches, 0 changed." in run(TABLE)
    assert state() == before


def test_an_empty_cell_leaves_what_the_branch_has_answered(troms: Branch) -> None:
    run(TABLE)
    Target.objects.filter(branch__slug="bardu").update(recruit_target=8)
    run(TABLE)
    assert Target.objects.get(branch__slug="bardu").recruit_target == 8


def test_the_same_table_as_a_workbook_with_a_title_and_shares_in_per_cent(troms: Branch, tmp_path: Path) -> None:
    run(TABLE)
    before = state()
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Vervemål i Troms"])
    sheet.append([])
    sheet.append(HEADING)
    for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        place, share, votes, storting_share, storting_votes, members, *_ = line.split(";")
        shares = [None if text == "-" else float(text.replace(",", ".")) / 100 for text in (share, storting_share)]
        sheet.append([place, shares[0] or "-", int(votes), shares[1] or "-", int(storting_votes), int(members)])
    sheet.append(["Sum", None, 23000, None, 22000, 2071])
    path = tmp_path / "mål.xlsx"
    book.save(path)

    assert "21 branches, 0 changed." in run(path)
    assert state() == before


def test_windows_letters_are_read(troms: Branch, tmp_path: Path) -> None:
    path = tmp_path / "tabell.csv"
    path.write_bytes(TABLE.read_text(encoding="utf-8").encode("cp1252"))
    run(path)
    assert result("tromso", "ko", 2015) == ("1902", 9952, 2980)


def test_targets_go_in_with_the_time_they_were_answered(troms: Branch, tmp_path: Path) -> None:
    run(write(tmp_path / "t.csv", "Kåfjord;32,0;336;25,0;300;41;50;0"))

    target = Target.objects.get()
    assert (target.recruit_target, target.total_target, target.members_then) == (0, 50, 41)
    assert target.answered_at is not None


def test_an_unknown_branch_is_told_and_the_rest_goes_in(troms: Branch, tmp_path: Path) -> None:
    said = run(write(tmp_path / "t.csv", "Atlantis;1;2;3;4;5;;", "Bardu;37,5;682;24,3;554;45;;"))

    assert "1 branches" in said
    assert "Row 2: no branch “Atlantis” in Troms Arbeiderparti." in said
    assert Target.objects.get().branch.slug == "bardu"


def test_a_cell_that_is_no_number_is_told_and_left_out(troms: Branch, tmp_path: Path) -> None:
    said = run(write(tmp_path / "t.csv", "Bardu;37,5;mange;124,3;554;45;;"))

    assert "Row 2: “Antall stemmer” is not a number." in said
    assert "Row 2: “Oppslutning ved sist Stortingsvalg” is not a number." in said
    assert result("bardu", "ko", 2015) == ("1922", None, 3750)
    assert result("bardu", "st", 2017) == ("1922", 554, None)


@pytest.mark.parametrize("total", ["Sum", "Totalt", "Troms", "Hele Troms"])
def test_a_row_of_totals_is_left_out(troms: Branch, tmp_path: Path, total: str) -> None:
    said = run(write(tmp_path / "t.csv", "Bardu;37,5;682;24,3;554;45;;", f"{total};37,5;682;24,3;554;45;;"))
    assert said.count("\n") == 1
    assert Target.objects.count() == 1


def test_names_of_old_municipalities_are_added_up(troms: Branch, tmp_path: Path) -> None:
    run(
        write(
            tmp_path / "t.csv",
            "Lenvik;30,0;1200;20,0;1000;120;130;5",
            "Berg;30,0;100;20,0;90;20;21;1",
        )
    )

    target = Target.objects.get()
    assert (target.branch.slug, target.members_then, target.recruit_target) == ("senja", 140, 6)
    assert result("senja", "ko", 2015) == ("5421", 1300, None)


@pytest.mark.parametrize("number", ["1940", "5426", "5540"])
def test_a_branch_is_found_by_its_number_of_any_reform(troms: Branch, tmp_path: Path, number: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"Kommunenr;Medlemstall;Totalmål 2028;Vervemål 2026\n{number};41;50;4\n", encoding="utf-8")
    run(path)
    assert Target.objects.get().branch.slug == "kafjord"


def test_a_number_and_a_name_of_two_branches_are_no_branch(troms: Branch, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Nr;Kommune;Medlemstall;Totalmål 2028;Vervemål 2026\n5520;Kåfjord;41;50;4\n", encoding="utf-8")
    assert "no branch “Kåfjord”" in run(path)


def test_sami_names_and_the_branchs_own_name_are_known(troms: Branch, tmp_path: Path) -> None:
    said = run(
        write(
            tmp_path / "t.csv",
            "Gáivuotna;32,0;336;25,0;300;41;;",
            "Storfjord - Omasvuotna - Omasvuono;19,5;220;25,1;270;48;;",
            "Lyngen Arbeiderparti;24,5;382;23,4;389;43;;",
        )
    )
    assert "3 branches" in said


def test_a_table_without_years_asks_for_them(troms: Branch, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Kommune;Medlemmer;Totalmål;Vervemål\nBardu;45;50;4\n", encoding="utf-8")
    with pytest.raises(CommandError, match="--recruit-year"):
        run(path)
    assert "recruiting 2026, total 2028" in run(path, "--recruit-year", "2026", "--total-year", "2028")


def test_the_log_names_who_imported(troms: Branch) -> None:
    user = make_officer(troms, Role.COUNTY_SECRETARY)
    run(TABLE, "--by", user.email or "")

    event = AuditEvent.objects.get(verb="targets.imported")
    assert (event.actor_id, event.branch_id, event.count) == (user.pk, troms.pk, 21)


def test_a_user_without_the_right_imports_nothing(troms: Branch) -> None:
    user = make_officer(troms.subtree.get(slug="kafjord"), Role.COUNTY_SECRETARY)
    with pytest.raises(CommandError, match="may not set targets in Troms"):
        run(TABLE, "--by", user.email or "")
    assert not TargetRound.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [["--by", "nobody@demo.example"], ["--county", "oslo"], ["--deadline", "soon"]],
)
def test_what_cannot_be_done_is_said_in_a_sentence(troms: Branch, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        run(TABLE, *arguments)
    assert not TargetRound.objects.exists()


def test_several_counties_must_be_told_apart(troms: Branch) -> None:
    make_county("Nordland")
    with pytest.raises(CommandError, match="--county"):
        run(TABLE)
    assert "21 branches" in run(TABLE, "--county", "troms")


def test_another_kind_of_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "annet.csv"
    path.write_text("Navn;Adresse\nA;B\n", encoding="utf-8")
    with pytest.raises(TargetFileError):
        read(path)


@pytest.mark.parametrize(
    ("kind", "year", "held"),
    [
        (ElectionKind.MUNICIPAL, 2018, 2015),
        (ElectionKind.STORTING, 2018, 2017),
        (ElectionKind.MUNICIPAL, 2026, 2023),
        (ElectionKind.STORTING, 2026, 2025),
        (ElectionKind.MUNICIPAL, 2027, 2027),
        (ElectionKind.STORTING, 2012, 2009),
    ],
)
def test_elections_are_held_every_fourth_year(kind: str, year: int, held: int) -> None:
    assert last_election(kind, year) == held
