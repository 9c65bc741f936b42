"""The messages' pages for the pictures and the browser tests: see tests/browser/pages.py."""

from __future__ import annotations

from typing import Final

from tests.browser.page import Shown
from tests.browser.scene import KAFJORD, LEADER, NOBODY, SECRETARY, TREASURER
from tests.browser.steps_messaging import press_send

PAGES: Final[tuple[Shown, ...]] = (
    Shown("meldinger", KAFJORD, "/lag/kafjord/meldinger/"),
    Shown("meldinger-fylket", SECRETARY, "/lag/troms/meldinger/"),
    Shown("write_new", KAFJORD, "/lag/kafjord/meldinger/ny/"),
    Shown("write_county", SECRETARY, "/lag/troms/meldinger/ny/"),
    Shown("write_not_sending", TREASURER, "/lag/troms/meldinger/ny/"),
    Shown("write_sms", KAFJORD, "{write_sms}"),
    Shown("write_email", KAFJORD, "{write_email}"),
    Shown("write_refused", KAFJORD, "{write_unfinished}", status=422, steps=press_send),
    Shown("write_left_out", KAFJORD, "{write_left_out}"),
    Shown("template_list", KAFJORD, "/lag/kafjord/meldinger/tekster/"),
    Shown("template_new", KAFJORD, "/lag/kafjord/meldinger/tekster/ny/?fra=mote"),
    Shown("messaging_settings", KAFJORD, "/lag/kafjord/meldinger/innstillinger/"),
    Shown("messaging_settings_county", SECRETARY, "/lag/troms/meldinger/innstillinger/"),
    Shown("unsubscribe", NOBODY, "{unsubscribe}"),
    Shown("unsubscribe_done", NOBODY, "{unsubscribe}?lagret=1"),
    Shown("unsubscribe_house", NOBODY, "{unsubscribe_house}"),
    Shown("unsubscribe_house_done", NOBODY, "{unsubscribe_house}?lagret=1"),
    Shown("unsubscribe_gone", NOBODY, "/avmelding/avkuttet/", status=404),
    Shown("operations", "drift", "/drift/"),
    Shown("message_sent", KAFJORD, "{sent}"),
    Shown("message_recipients", KAFJORD, "{recipients}"),
    Shown("message_unknown", KAFJORD, "{recipients}?status=ukjent"),
    Shown("message_waiting", KAFJORD, "{waiting_sms}"),
    Shown("message_regret", KAFJORD, "{regret}"),
    Shown("message_sending", KAFJORD, "{sending}"),
    Shown("message_approval", LEADER, "{approval}"),
    Shown("messages_to_approve", LEADER, "/lag/tromso/meldinger/"),
    Shown("letters", KAFJORD, "{letters}"),
    Shown("letters_none", KAFJORD, "{letters_none}"),
    Shown("newsletters", KAFJORD, "/lag/kafjord/meldinger/nyhetsbrev/"),
    Shown("newsletter", KAFJORD, "{newsletter}"),
    Shown("member_messages", KAFJORD, "{member_messages}"),
    Shown("bounce_list", KAFJORD, "/lag/kafjord/meldinger/retur/"),
    Shown("bounce_list_county", SECRETARY, "/lag/troms/meldinger/retur/"),
    Shown("block_open", KAFJORD, "{block_open}"),
    Shown("inbox_list", KAFJORD, "/lag/kafjord/innboks/"),
    Shown("inbox_done", KAFJORD, "/lag/kafjord/innboks/?vis=ferdig"),
    Shown("inbox_sms", KAFJORD, "{inbox_sms}"),
    Shown("inbox_shared", KAFJORD, "{inbox_shared}"),
)  # fmt: skip
