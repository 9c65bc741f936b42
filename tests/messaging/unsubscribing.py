"""Mails to say no to, and the page behind their link."""

import html
import re
from uuid import uuid4

from django.conf import settings
from django.test import Client

from membership.models import Branch, Member
from messaging.enums import Channel, MessageState, Purpose
from messaging.models import Delivery, Recipient
from messaging.unsubscribe import url_for
from tests.access_mail import make_message
from tests.factories import NOW, make_officer

SHARED = "familien@example.no"


def sent_to(branch: Branch, *members: Member, purpose: str = Purpose.NEWSLETTER, **fields: object) -> Delivery:
    """One email to these."""
    message = make_message(branch, make_officer(branch), MessageState.DONE, purpose=purpose, **fields)
    delivery = Delivery.objects.create(
        key=f"test:{uuid4()}",
        message=message,
        branch=branch,
        channel=Channel.EMAIL,
        purpose=purpose,
        address=members[0].email.lower() if members else "leder@example.no",
        created_at=NOW,
        not_before_at=NOW,
        wipe_at=NOW,
    )
    for member in members:
        Recipient.objects.create(message=message, member=member, channel=Channel.EMAIL, delivery=delivery)
    return delivery


def path_of(delivery: Delivery) -> str:
    return url_for(delivery).removeprefix(settings.PUBLIC_URL)


def page(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return html.unescape(response.content.decode())


def reservations(member: Member) -> dict[str, object]:
    member.refresh_from_db()
    names = ["no_email", "no_sms", "no_phone", "no_post", "no_newsletter", "no_meetings", "no_surveys"]
    return {name: getattr(member, name) for name in [*names, "no_recruitment", "fundraising_consent_on"]}


def turned(client: Client, url: str, **on: bool) -> dict[str, str]:
    """The form as the page shows it, with some of it turned."""
    text = page(client, url)
    data = dict(re.findall(r'<input type="hidden" name="(initial-\w+)" value="(\w*)"', text))
    columns = {name.removeprefix("initial-"): value == "True" for name, value in data.items()}
    return data | {column: "on" for column, is_on in columns.items() if on.get(column, is_on)}
