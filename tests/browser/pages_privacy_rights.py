"""Pages of members' requests, breaches and the review of access: see tests/browser/pages_privacy.py."""

from __future__ import annotations

from typing import Final

from tests.browser.page import Shown
from tests.browser.scene import KAFJORD, SECRETARY

PAGES: Final[tuple[Shown, ...]] = (
    Shown("requests", SECRETARY, "/lag/troms/personvern/henvendelser/"),
    Shown("requests_none", KAFJORD, "/lag/kafjord/personvern/henvendelser/"),
    Shown("request_new", KAFJORD, "/lag/kafjord/personvern/henvendelser/ny/"),
    Shown("request_access", SECRETARY, "{request_access}"),
    Shown("request_erasure", SECRETARY, "{request_erasure}"),
    Shown("breaches", SECRETARY, "/lag/troms/personvern/avvik/"),
    Shown("breach_new", KAFJORD, "/lag/kafjord/personvern/avvik/nytt/"),
    Shown("breach_sent_wrong", SECRETARY, "{breach_sent_wrong}"),
    Shown("breach_report_sent", SECRETARY, "{breach_report_sent}"),
    Shown("breach_letter", SECRETARY, "{breach_sent_wrong}brev/datatilsynet/"),
    Shown("breach_closed", SECRETARY, "{breach_closed}", on_paper=True),
    Shown("access_review", SECRETARY, "/lag/troms/personvern/tilganger/"),
    Shown("access_review_all", SECRETARY, "/lag/troms/personvern/tilganger/?vis=alle", on_paper=True),
    Shown("request_answered", SECRETARY, "{request_answered}", on_paper=True),
)
