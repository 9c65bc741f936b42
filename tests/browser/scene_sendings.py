"""Messages in each state that the demo has none of, and the addresses of those it has."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from membership.models import Branch
from messaging.enums import Channel, DeliveryState, MessageState
from messaging.models import Message, Recipient
from tests.access_mail import make_message
from tests.messaging.sendings import leave_out, reach


def add_sendings(urls: dict[str, str]) -> None:
    """One that waits for a second person, one that can be regretted, one that is being sent; and the demo's own."""
    kafjord, tromso = Branch.objects.get(slug="kafjord"), Branch.objects.get(slug="tromso")
    mine = Message.objects.filter(branch=kafjord)
    invitation = mine.get(texts__subject="Medlemsmøte 26. november", state=MessageState.DONE)
    urls["sent"] = _page(kafjord, invitation)
    urls["recipients"] = reverse("messaging:message_recipients", args=["kafjord", invitation.pk])
    urls["waiting_sms"] = _page(kafjord, mine.get(texts__sms__contains="Husk årsmøtet", state=MessageState.QUEUED))
    newsletter = mine.get(texts__subject="Høsten i Kåfjord", state=MessageState.DONE)
    urls["newsletter"] = reverse("messaging:newsletter", args=["kafjord", newsletter.pk])
    got_it = Recipient.objects.filter(message=invitation, delivery__state=DeliveryState.SENT, member__isnull=False)
    member_id = got_it.order_by("member_id").values_list("member_id", flat=True)[0]
    urls["member_messages"] = reverse("messaging:member_messages", args=["kafjord", member_id])
    _add_states(urls, kafjord, tromso)


def _add_states(urls: dict[str, str], kafjord: Branch, tromso: Branch) -> None:
    now = timezone.now()
    aile, kristin = (
        User.objects.get(email=f"medlemsansvarlig.{place}@demo.example") for place in ("kafjord", "tromso")
    )
    approval = make_message(
        tromso, kristin, MessageState.APPROVAL, queued_by=kristin, queued_at=now, confirmed=843, changed_at=now
    )
    urls["approval"] = _page(tromso, approval)
    regret = make_message(
        kafjord, aile, MessageState.QUEUED, due_at=now + timedelta(hours=3), expanded_at=now, confirmed=2
    )
    going = make_message(kafjord, aile, MessageState.SENDING, started_at=now, expanded_at=now, confirmed=3)
    members = list(kafjord.members.current().filter(address_protection="").order_by("pk")[:4])
    for member in members[:2]:
        reach(regret, member, DeliveryState.QUEUED)
        reach(going, member)
    reach(going, members[2], DeliveryState.QUEUED)
    leave_out(going, members[3], "no_channel")
    printed = make_message(kafjord, aile, MessageState.DONE, with_letters=True, expanded_at=now, finished_at=now)
    for number, member in enumerate(members[:3]):
        posted_at = now if number == 2 else None
        Recipient.objects.create(message=printed, member=member, channel=Channel.LETTER, posted_at=posted_at)
    urls["letters"] = reverse("messaging:letters", args=["kafjord", printed.pk])
    unprinted = make_message(kafjord, aile, MessageState.DONE, expanded_at=now, finished_at=now)
    urls["letters_none"] = reverse("messaging:letters", args=["kafjord", unprinted.pk])
    urls["regret"] = _page(kafjord, regret)
    urls["sending"] = _page(kafjord, going)


def _page(branch: Branch, message: Message) -> str:
    return reverse("messaging:message_detail", args=[branch.slug, message.pk])
