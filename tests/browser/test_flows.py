"""An evening's work on a phone, from the sign-in to the sheet of names; then once more where no script runs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from tests.browser.pages import PASSWORD
from tests.browser.scene import CALLER, NOBODY, TROMSO, TWO_BRANCHES, Scene, email_of
from tests.browser.visits import signed_in_context

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@dataclass
class Evening:
    """One officer, one branch, one window."""

    page: Page
    base: str
    slug: str

    def heading(self) -> str:
        """What the page is about."""
        return self.page.locator("h1").inner_text()

    def goes_to(self, pattern: str) -> None:
        """Wait until the address ends so, whatever pages lie between."""
        self.page.wait_for_url(re.compile(f"/lag/{self.slug}/{pattern}$"))

    def press(self, name: str) -> None:
        """A button or a link, by what it says."""
        role = self.page.get_by_role
        role("button", name=name, exact=True).or_(role("link", name=name, exact=True)).first.click()


@pytest.fixture(params=[("lyngen", True), ("storfjord", False)], ids=["with scripts", "without scripts"])
def evening(request: pytest.FixtureRequest, browser: Browser, site: str, scene: Scene) -> Iterator[Evening]:
    """An officer of two branches, not signed in yet."""
    slug, scripts = request.param
    context = signed_in_context(browser, site, scene, NOBODY, **PHONE, java_script_enabled=scripts)
    yield Evening(context.new_page(), site, slug)
    context.close()


def test_from_a_file_to_a_list_for_three_callers(evening: Evening, scene: Scene, tmp_path: Path) -> None:
    sign_in(evening)
    read_file(evening, scene, tmp_path)
    leave_out_the_notes(evening)
    let_it_in(evening)
    make_lists(evening)
    fetch_workbook(evening)
    register_and_regret(evening)
    find_member(evening)


def sign_in(evening: Evening) -> None:
    page = evening.page
    page.goto(f"{evening.base}/")
    page.get_by_label("E-post").fill(email_of(TWO_BRANCHES))
    page.get_by_label("Passord", exact=True).fill(PASSWORD)
    evening.press("Logg inn")
    page.locator(f"a[href='/lag/{evening.slug}/']").click()
    evening.goes_to("")
    assert evening.heading() == "I dag"


def read_file(evening: Evening, scene: Scene, folder: Path) -> None:
    page = evening.page
    file = folder / "uttrekk.xlsx"
    file.write_bytes(scene.register_files[evening.slug])
    page.get_by_label("Snarveier").get_by_role("link", name="Medlemmer").click()
    evening.press("Importer registeret")
    page.get_by_label("Fila fra det sentrale registeret").set_input_files(file)
    evening.press("Sjekk fila")
    evening.goes_to(r"medlemmer/importer/[-0-9a-f]+/")
    assert evening.heading() == "Sjekk før noe lagres"
    text = page.locator("main").inner_text()
    assert "Dette er ikke en e-postadresse." in text
    assert "Den datoen finnes ikke." in text
    assert "2 står her, men ikke i fila" in text
    assert "Husk å ringe" in text


def leave_out_the_notes(evening: Evening) -> None:
    """Another choice for a column, and it is counted again."""
    page = evening.page
    # What we are sure of is folded; anybody may think otherwise.
    page.locator("summary").filter(has_text="kolonner vi er sikre på").click()
    page.get_by_label("Merknad", exact=True).select_option(label="Ikke ta med")
    evening.press("Regn på nytt")
    evening.goes_to(r"medlemmer/importer/[-0-9a-f]+/")
    changes = page.get_by_role("table").filter(has_text="Nå og etter importen").or_(page.locator("#h-e"))
    assert "Husk å ringe" not in "".join(changes.all_inner_texts())
    assert page.get_by_label("Merknad", exact=True).input_value() == ""


def let_it_in(evening: Evening) -> None:
    page = evening.page
    page.get_by_role("button", name=re.compile(r"^Legg til 2( og oppdater \d+)?$")).click()
    page.get_by_role("heading", name="Importen er ferdig").wait_for()
    evening.press("Se hvem som ikke har betalt")
    evening.goes_to(r"kontingent/2026/ubetalt/")
    assert evening.heading() == "Ikke betalt 2026"
    assert page.get_by_role("link", name="Bredo Nilsgård").count() == 1


def make_lists(evening: Evening) -> None:
    """The officer herself, and two who get a sheet of paper."""
    page = evening.page
    form = page.locator("#call-list")
    form.get_by_role("checkbox", name=re.compile("^Solveig Myrland")).check()
    form.get_by_text("Legg til noen som får et utskrevet ark").click()
    for number, name in enumerate(("Maja Ytterstad", "Nils Årnes"), 1):
        form.locator(f"[name=name_{number}]").fill(name)
    evening.press("Lag ringelister")
    evening.goes_to(r"ringelister/\d+/")
    page.get_by_role("status").filter(has_text="Lista er laget").wait_for()
    assert page.locator(".hands h3").all_inner_texts() == ["Solveig Myrland", "Maja Ytterstad", "Nils Årnes"]


def fetch_workbook(evening: Evening) -> None:
    page = evening.page
    names = page.locator(".hands li").count()
    with page.expect_download() as fetched:
        evening.press("Excel")
    file = Path(fetched.value.path())
    assert re.fullmatch(rf"[a-z0-9-]*{evening.slug}[a-z0-9-]*\.xlsx", fetched.value.suggested_filename)
    book = load_workbook(io.BytesIO(file.read_bytes()))
    assert [sheet.title for sheet in book][1:] == ["Solveig Myrland", "Maja Ytterstad", "Nils Årnes"]
    counts = [sum(1 for row in sheet.iter_rows(values_only=True) if is_member(row)) for sheet in book]
    assert counts[0] == names
    assert sum(counts[1:]) == names


def is_member(row: tuple[object, ...]) -> bool:
    """Whether a row of the workbook begins with a member number."""
    return bool(row) and re.fullmatch(r"\d{5,}", str(row[0] or "")) is not None


def register_and_regret(evening: Evening) -> None:
    """A payment by hand, on the list, and back again."""
    page = evening.page
    page.get_by_label("Snarveier").get_by_role("link", name="Kontingent").click()
    page.get_by_role("heading", name="Ikke betalt 2026", level=1).wait_for()
    evening.goes_to(r"kontingent/2026/ubetalt/")
    before = rows(page)
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader")).first
    name = row.get_by_role("rowheader").get_by_role("link").inner_text()
    row.locator("summary").click()
    row.get_by_role("button", name="Registrer").click()
    alert = page.get_by_role("status").filter(has_text=f"fra {name} er registrert")
    alert.wait_for()
    assert rows(page) == before - 1
    alert.get_by_role("button", name="Angre").click()
    page.get_by_role("status").filter(has_text="er angret").wait_for()
    assert rows(page) == before
    assert page.get_by_role("rowheader").filter(has_text=name).count() == 1


def rows(page: Page) -> int:
    """How many stand on the unpaid list."""
    return page.get_by_role("rowheader").count()


def find_member(evening: Evening) -> None:
    page = evening.page
    page.get_by_label("Snarveier").get_by_role("link", name="Medlemmer").click()
    search = page.get_by_role("searchbox")
    search.fill("nilsgård")
    search.press("Enter")
    page.get_by_text("1 treff").first.wait_for()
    assert "nilsgård" not in page.url.lower()
    page.get_by_role("link", name="Nilsgård, Bredo").click()
    page.get_by_role("heading", name="Bredo Nilsgård", level=1).wait_for()
    assert "Bredo" not in page.title()


def test_a_caller_phones_from_the_list_handed_over(browser: Browser, site: str, scene: Scene) -> None:
    context = signed_in_context(browser, site, scene, CALLER, **PHONE)
    page = context.new_page()
    page.goto(f"{site}/")
    page.get_by_role("link", name="Ikke betalt 2026").click()
    page.get_by_role("heading", name="Ikke betalt 2026", level=1).wait_for()
    numbers = page.locator("a[href^='tel:']")
    assert numbers.count() > 5
    assert re.fullmatch(r"tel:\+4700\d{6}", numbers.first.get_attribute("href") or "")
    # What is of colleagues' work and of the register is not here.
    assert page.get_by_label("Snarveier").get_by_role("link").all_inner_texts() == ["Ringelister"]
    assert "På jobb nå" not in page.content()
    context.close()


def test_ticking_all_counts_them_and_makes_a_list_of_them(browser: Browser, site: str, scene: Scene) -> None:
    context = signed_in_context(browser, site, scene, TROMSO)
    page = context.new_page()
    page.goto(f"{site}/lag/tromsoya/kontingent/2026/ubetalt/")
    boxes = page.locator("input[name=id]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    before = page.get_by_role("rowheader").nth(0).get_by_role("link").inner_text()
    page.get_by_role("checkbox", name=re.compile("^Kristin Strømhaug")).check()
    page.get_by_role("button", name="Lag ringelister").click()
    page.wait_for_url(re.compile(r"/ringelister/\d+/$|/ringeliste/$"))
    text = page.locator("main").inner_text()
    assert before in text or "ikke med" in text
    context.close()
