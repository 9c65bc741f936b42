"""What has come in, and whom nothing reaches, for the pictures and the browser tests: see tests/browser/scene.py."""

from __future__ import annotations

from datetime import timedelta

from common import clock
from membership.models import Branch
from messaging.actions.blocks import block
from messaging.enums import BlockReason, Channel, TemplateKind
from messaging.inbound import receive
from messaging.models import InboxMessage, MessageTemplate

_TOGETHER = "felles@kafjord.example"


def add_inbox(urls: dict[str, str]) -> None:
    """An SMS, an email from an address that two share, one put aside, and addresses that nothing goes to."""
    kafjord = Branch.objects.get(slug="kafjord")
    members = kafjord.members.current().filter(mobile_ok=True, address_protection="", email__gt="")
    one, two, three, four = members.in_order()[:4]
    now = clock.now()
    kafjord.members.filter(pk__in=[two.pk, three.pk]).update(email=_TOGETHER, email_bounced_on=None)
    sms = receive(
        channel=Channel.SMS,
        address=one.mobile,
        text="Hei! Er det bilplass ved samfunnshuset, eller må vi parkere ved skolen? Jeg tar med kake 🙂",
        external_id="scene-1",
        now=now - timedelta(hours=5),
    )
    shared = receive(
        channel=Channel.EMAIL,
        address=_TOGETHER,
        subject="SV: Medlemsmøte",
        text="Vi kommer begge to.\nKan dere sende sakslista på forhånd?",
        external_id="scene-2",
        now=now - timedelta(hours=2),
    )
    receive(channel=Channel.EMAIL, address="ukjent@example.org", text="Hvem er dere?", external_id="scene-3", now=now)
    InboxMessage.objects.filter(external_id__startswith="scene-").update(
        branch=kafjord, municipal=kafjord, county=kafjord.county
    )
    MessageTemplate.objects.create(
        branch=kafjord, kind=TemplateKind.REPLY, name="Takk for svaret", body="Takk for svaret!", changed_at=now
    )
    block(Channel.EMAIL, four.email, BlockReason.HARD, now=now)
    stopped = block(Channel.SMS, four.mobile, BlockReason.STOPP, now=now)
    urls["inbox_sms"] = f"/lag/kafjord/innboks/{sms.pk}/"
    urls["inbox_shared"] = f"/lag/kafjord/innboks/{shared.pk}/"
    urls["block_open"] = f"/lag/kafjord/meldinger/retur/{stopped.pk}/"
