"""The messages' pages for the pictures and the browser tests: see tests/browser/pages.py."""

from __future__ import annotations

from typing import Final

from tests.browser.page import Shown
from tests.browser.scene import KAFJORD, NOBODY, SECRETARY

PAGES: Final[tuple[Shown, ...]] = (
    Shown("meldinger", KAFJORD, "/lag/kafjord/meldinger/"),
    Shown("meldinger-fylket", SECRETARY, "/lag/troms/meldinger/"),
    Shown("messaging_settings", KAFJORD, "/lag/kafjord/meldinger/innstillinger/"),
    Shown("messaging_settings_county", SECRETARY, "/lag/troms/meldinger/innstillinger/"),
    Shown("unsubscribe", NOBODY, "{unsubscribe}"),
    Shown("unsubscribe_done", NOBODY, "{unsubscribe}?lagret=1"),
    Shown("unsubscribe_house", NOBODY, "{unsubscribe_house}"),
    Shown("unsubscribe_house_done", NOBODY, "{unsubscribe_house}?lagret=1"),
    Shown("unsubscribe_gone", NOBODY, "/avmelding/avkuttet/", status=404),
    Shown("operations", "drift", "/drift/"),
)  # fmt: skip
