"""The pages behind members’ links, for the pictures and the browser tests: see tests/browser/pages.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.browser.page import Shown
from tests.browser.scene import NOBODY, Scene

if TYPE_CHECKING:
    from playwright.sync_api import Page


def type_nonsense(page: Page, _base: str, _scene: Scene) -> None:
    """Press the button under the only field, with something in it that is no answer."""
    page.get_by_role("textbox").fill("tull")
    with page.expect_navigation():
        page.locator("main form button").click()


PAGES: Final[tuple[Shown, ...]] = (
    Shown("my_page_ask", NOBODY, "/min-side/"),
    Shown("my_page_ask_refused", NOBODY, "/min-side/", status=422, steps=type_nonsense),
    Shown("my_page_out", NOBODY, "/min-side/?ut=1"),
    Shown("my_page_sent", NOBODY, "/min-side/?sendt=1"),
    Shown("my_page_link", NOBODY, "{my_page_link}"),
    Shown("my_page_link_wrong", NOBODY, "{my_page_link_wrong}", status=422, steps=type_nonsense),
    Shown("my_page_gone", NOBODY, "/min-side/l/avkuttet/", status=404),
    Shown("resign", NOBODY, "{resign}"),
    Shown("resigned", NOBODY, "/utmelding/"),
    Shown("resign_gone", NOBODY, "/utmelding/avkuttet/", status=404),
    Shown("not_me", NOBODY, "{not_me}"),
    Shown("not_me_done", NOBODY, "/ikke-meg/"),
    Shown("not_me_gone", NOBODY, "/ikke-meg/avkuttet/", status=404),
)  # fmt: skip
