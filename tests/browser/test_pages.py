"""Every page, on a phone and a desktop, light and dark: accessible, quiet, and all of it within the window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.browser.page import Shown
from tests.browser.pages import PAGES, open_page
from tests.browser.scene import Scene
from tests.browser.visits import signed_in_context

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

pytestmark = pytest.mark.browser

WIDTHS: Final = (320, 390, 1280)
# At the narrowest nothing may stick out or hide; what axe sees there it sees on the next phone too.
NARROWEST: Final = WIDTHS[0]
HEIGHT: Final = 844
TABS: Final = 15
# Where actions are to be this high: WCAG asks for 24, we for 44 (ui.md, 23).
SMALLEST_TARGET: Final = 44

RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""axe's groups of rules. In the dark only contrast can differ from what the light showed: the rest is not run again."""


@dataclass
class Ears:
    """What a page complains of, or asks others for, while it is open."""

    page: Page
    base: str
    shown: Shown
    heard: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """From before the first request."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.heard.append(f"error in a script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", self._request)

    def _failed(self, request: Request) -> None:
        # A page that asks each second how far a job has come is in the middle of asking when it is left.
        left_while_asking = request.failure == "net::ERR_ABORTED" and request.resource_type in {"xhr", "fetch"}
        if not left_while_asking:
            self.heard.append(f"failed: {request.url} {request.failure}")

    def _console(self, message: ConsoleMessage) -> None:
        # The page itself was answered with 404 or the like, and that is what the test asked for.
        expected = self.shown.status >= 400 or self.shown.steps is not None
        if (
            expected
            and message.text.startswith("Failed to load resource")
            and "/static/" not in message.location["url"]
        ):
            return
        if message.type in {"error", "warning"}:
            self.heard.append(f"{message.type}: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.heard.append(f"asks another host: {request.url}")


@pytest.fixture(scope="module")
def windows(browser: Browser, site: str, scene: Scene) -> Iterator[dict[str, BrowserContext]]:
    """A window for each account, opened when first needed and used again."""
    opened: dict[str, BrowserContext] = {}
    yield opened
    for context in opened.values():
        context.close()


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_page(shown: Shown, browser: Browser, site: str, scene: Scene, windows: dict[str, BrowserContext]) -> None:
    """One page at every width and scheme; all that is wrong is told at once."""
    # Whoever is nobody signs in on some of these pages: a window of their own each time.
    own = signed_in_context(browser, site, scene, "") if not shown.who else None
    if own is None and shown.who not in windows:
        windows[shown.who] = signed_in_context(browser, site, scene, shown.who)
    page = (own or windows[shown.who]).new_page()
    try:
        wrong = list(faults(page, shown, site, scene))
    finally:
        page.close()
        if own:
            own.close()
    assert not wrong, "\n" + "\n".join(dict.fromkeys(wrong))


def faults(page: Page, shown: Shown, site: str, scene: Scene) -> Iterator[str]:
    """Everything that is wrong with a page, one line each."""
    ears = Ears(page, site, shown)
    ears.listen()
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    page.emulate_media(color_scheme="light")
    status = open_page(page, shown, site, scene)
    if status != shown.status:
        yield f"answered {status}, not {shown.status}"
    yield from wrong_words(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if shown.stays and width != WIDTHS[0]:
            page.reload()
        for line in at_width(page, width, bare=shown.bare):
            yield f"{width} px: {line}"
    yield from ears.heard


def wrong_words(page: Page) -> Iterator[str]:
    """What a page says of itself."""
    if page.locator("html").get_attribute("lang") != "nb":
        yield "the language is not nb"
    if not page.title().strip(" –"):
        yield "there is no title"
    if (count := page.locator("h1").count()) != 1:
        yield f"{count} headings of the first level"


def at_width(page: Page, width: int, *, bare: bool) -> Iterator[str]:
    """What is wrong at one width, in both schemes."""
    page.emulate_media(color_scheme="light")
    over = page.evaluate(WIDER_THAN_WINDOW)
    if over:
        yield f"wider than the window: {', '.join(over)}"
    if width < 900 and not bare:
        yield from (f"too small to tap: {line}" for line in page.evaluate(SMALL_TARGETS, SMALLEST_TARGET))
    if width != 390:
        yield from unseen_focus(page)
    if width != NARROWEST:
        yield from (f"light: {line}" for line in violations(page, {"type": "tag", "values": list(RULES)}))
        page.emulate_media(color_scheme="dark")
        yield from (f"dark: {line}" for line in violations(page, {"type": "rule", "values": ["color-contrast"]}))


def violations(page: Page, run_only: dict[str, Any]) -> Iterator[str]:
    """axe's findings."""
    from axe_playwright_python.base import AXE_SCRIPT

    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # From the top: a page opened again stands where it stood, and what is half under its heading there is no fault.
    page.evaluate("scrollTo(0, 0)")
    options = {"runOnly": run_only, "resultTypes": ["violations"]}
    for rule in page.evaluate(RUN_AXE, options):
        for node in rule["nodes"][:5]:
            yield f"{rule['id']}: {node['target']} {node['html'][:120]}"


def unseen_focus(page: Page) -> Iterator[str]:
    """The first stops of the tabulator: each must be seen to have the focus, and not be covered."""
    page.evaluate("document.activeElement && document.activeElement.blur(); window.scrollTo(0, 0)")
    for _stop in range(TABS):
        page.keyboard.press("Tab")
        if line := page.evaluate(FOCUS_FAULT):
            yield f"focus: {line}"


# What passed is not sent back: on a long list that alone takes longer than the rules.
RUN_AXE: Final = "async (options) => (await axe.run(options)).violations"

NAME: Final = """
const name = (e) => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + [...e.classList].map((c) => '.' + c).join('')
  + ' ' + (e.getAttribute('name') || e.getAttribute('href') || (e.textContent || '').trim().slice(0, 30));
"""

WIDER_THAN_WINDOW: Final = f"""() => {{
  {NAME}
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const over = [...document.querySelectorAll('body *')].filter((e) => {{
    const box = e.getBoundingClientRect();
    return box.width && box.right > root.clientWidth + 1 && !e.closest('.scroll, .views, [popover]:not(:popover-open)');
  }});
  return over.length ? over.slice(-4).map(name) : ['?'];
}}"""

# Buttons, fields and the tab bar; a link in a sentence, and what is only there for screen readers, may be smaller.
SMALL_TARGETS: Final = f"""(least) => {{
  {NAME}
  const seen = (e) => e.checkVisibility() && e.getBoundingClientRect().width > 2;
  const kinds = 'main .ds-button, main button, main select.ds-input, main summary, .tabbar a,'
    + ' main input.ds-input:not([type=checkbox], [type=radio])';
  return [...document.querySelectorAll(kinds)].filter((e) => seen(e) && !e.closest('.ds-sr-only, [aria-hidden=true]'))
    .filter((e) => e.getBoundingClientRect().height < least - 0.5 && !e.matches('th button'))
    .slice(0, 5).map((e) => name(e) + ' ' + Math.round(e.getBoundingClientRect().height) + ' px');
}}"""

FOCUS_FAULT: Final = f"""() => {{
  {NAME}
  const e = document.activeElement;
  if (!e || e === document.body || e.tagName === 'IFRAME') return '';
  const look = getComputedStyle(e);
  const ringed = (s) => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none';
  // A box is ringed together with its label, and so is a choice.
  const shows = ringed(look) || (/^(checkbox|radio)$/.test(e.type) && ringed(getComputedStyle(e.parentElement)));
  if (!shows && !e.matches('main')) return 'not shown on ' + name(e);
  const box = e.getBoundingClientRect();
  if (!box.width || !box.height) return 'on something that is not there: ' + name(e);
  if (box.height > innerHeight / 2) return '';
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1);
  const on_top = document.elementFromPoint(x, y);
  if (on_top && on_top !== e && !e.contains(on_top) && !on_top.contains(e) && on_top.closest('.tabbar, .top, .demobar'))
    return name(e) + ' is covered by ' + name(on_top);
  return '';
}}"""
