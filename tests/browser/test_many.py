"""Ticking many members in the register list: by mouse, by keys, and where no script runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.scene import SECRETARY, Scene
from tests.browser.visits import signed_in_context

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

LIST = "/lag/harstad/medlemmer/"


def test_ticks_are_counted_by_mouse_and_by_keys(browser: Browser, site: str, scene: Scene) -> None:
    context = signed_in_context(browser, site, scene, SECRETARY)
    page = context.new_page()
    page.goto(site + LIST)
    boxes, said, bar = page.locator("[data-rows] input"), page.locator(".bulk output"), page.locator(".bulk")
    assert not bar.is_visible()
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    assert said.inner_text() == "4 valgt"
    page.get_by_role("checkbox", name="Velg alle på siden").check()
    assert said.inner_text() == "50 valgt"
    page.locator("[name=alle]").check()
    assert said.inner_text().startswith("Alle ")
    page.locator(".bulk > [popovertarget]").click()
    page.keyboard.press("Escape")
    # What Esc closed was the menu: nobody is unticked.
    assert said.inner_text().startswith("Alle ")
    links = page.locator(".rowlink")
    links.nth(0).focus()
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    assert said.inner_text() == "49 valgt"
    assert not page.locator("[name=alle]").is_checked()
    page.keyboard.press("k")
    assert links.nth(1).evaluate("(link) => link === document.activeElement")
    page.keyboard.press("Escape")
    assert not bar.is_visible()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "sok"
    # In the search a letter is a letter.
    page.keyboard.type("xj/k")
    assert page.locator("#sok").input_value() == "xj/k"
    assert not bar.is_visible()
    context.close()


def test_after_a_swap_the_new_rows_are_counted_too(browser: Browser, site: str, scene: Scene) -> None:
    context = signed_in_context(browser, site, scene, SECRETARY)
    page = context.new_page()
    page.goto(site + LIST)
    page.get_by_role("link", name="Side 2", exact=True).click()
    page.wait_for_url("**side=2")
    page.locator("[data-rows] input").nth(0).check()
    assert page.locator(".bulk output").inner_text() == "1 valgt"
    assert page.locator("[data-check-all]").is_visible()
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_those_ticked_are_put_in_a_group_and_taken_out_again(
    browser: Browser, site: str, scene: Scene, scripts: bool
) -> None:
    context = signed_in_context(browser, site, scene, SECRETARY, java_script_enabled=scripts)
    page = context.new_page()
    if not scripts:
        page.goto(f"{site}/lag/troms/grupper/")
        page.get_by_label("Navn", exact=True).fill("Uten skript")
        page.get_by_role("button", name="Lag gruppa").click()
    page.goto(site + LIST)
    for n in (0, 2):
        page.locator("[data-rows] input").nth(n).check()
    page.get_by_role("button", name="Flere handlinger").click()
    page.get_by_role("button", name="Merk som sjekket").first.click()
    page.get_by_text("2 medlemmer", exact=True).wait_for()
    page.get_by_role("button", name="Merk som sjekket").click()
    page.get_by_text("2 medlemmer er merket som sjekket.").wait_for()
    page.get_by_role("button", name="Angre", exact=True).click()
    page.get_by_text("Angret: 2 medlemmer er som før.").wait_for()
    context.close()
