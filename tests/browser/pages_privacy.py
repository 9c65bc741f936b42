"""Pages of leaving, erasing and members’ rights, for the pictures and the browser tests: see tests/browser/pages.py."""

from __future__ import annotations

from typing import Final

from tests.browser import pages_privacy_links, pages_privacy_officer, pages_privacy_rights
from tests.browser.page import Shown
from tests.browser.pages_privacy_my import PAGES as MY_PAGES
from tests.browser.scene import KAFJORD, NOBODY, SECRETARY

PAGES: Final[tuple[Shown, ...]] = (
    *pages_privacy_links.PAGES,
    *pages_privacy_officer.PAGES,
    *pages_privacy_rights.PAGES,
    *MY_PAGES,
    Shown("privacy_home", KAFJORD, "/lag/kafjord/personvern/"),
    Shown("privacy_holds", SECRETARY, "/lag/troms/personvern/utsatt/"),
    Shown("privacy_hold", SECRETARY, "{hold}"),
    Shown("privacy_erasing", SECRETARY, "/lag/troms/personvern/sletting/"),
    Shown("privacy_unpaid", SECRETARY, "/lag/troms/personvern/ubetalt/"),
    Shown("privacy_unpaid_round", SECRETARY, "{unpaid_round}"),
    Shown("privacy_unpaid_off", SECRETARY, "{unpaid_round}?vis=av"),
    Shown("privacy_unpaid_dropped", SECRETARY, "{unpaid_dropped}"),
    Shown("privacy_stay", NOBODY, "{stay}"),
    Shown("privacy_stayed", NOBODY, "/fortsatt-medlem/"),
    Shown("privacy_stay_gone", NOBODY, "/fortsatt-medlem/finnes-ikke/", status=404),
    Shown("privacy_policy", KAFJORD, "/lag/kafjord/personvern/regler/"),
    Shown("privacy_settings", SECRETARY, "/lag/troms/personvern/innstillinger/"),
    Shown("privacy_statement", NOBODY, "/personvern/"),
    Shown("privacy_accessibility", NOBODY, "/tilgjengelighet/"),
    Shown("privacy_week", SECRETARY, "/lag/troms/uka/"),
)
