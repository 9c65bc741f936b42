"""An address that was corrected between queueing and sending: the message follows, and nobody gets two."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from messaging.actions.messages_checks import names_branch
from messaging.enums import DeliveryState
from messaging.models import Delivery, Recipient
from messaging.outbox.keys import key_of
from messaging.outbox.leasing import leased
from messaging.writing.compose import Composer


def owner_of(one: Recipient, composer: Composer) -> str:
    """Whose a copy is, as the key has it: the reader's own, their branch's, or anybody's at the address."""
    if composer.is_personal:
        return str(one.member_id) if one.member_id else f"user {one.user_id}"
    return f"branch {one.member.branch_id}" if one.member and names_branch(composer) else ""


def move(row: Delivery, one: Recipient, address: str, *, alone: bool, owner: str, run: UUID) -> bool:
    """Send it to the new address; False where the message goes there already, or has gone, for somebody else.

    Alone on the delivery, they take it along; whoever shared it gets one of their own, which is sent with the next.
    """
    assert row.message_id is not None  # noqa: S101 - only those of messages have recipients
    key = key_of(row.message_id, row.channel, address, owner)
    if Delivery.objects.filter(key=key).exists():
        return False
    try:
        with transaction.atomic():
            if not alone:
                _split_off(row, one, address, key)
            elif leased(run, [row.pk]).update(address=address, key=key):
                row.address, row.key = address, key
    except IntegrityError:
        return False
    return True


def _split_off(row: Delivery, one: Recipient, address: str, key: str) -> None:
    own = Delivery.objects.create(
        key=key,
        message_id=row.message_id,
        branch_id=row.branch_id,
        channel=row.channel,
        purpose=row.purpose,
        address=address,
        state=DeliveryState.QUEUED,
        parts=row.parts,
        price_ore=row.price_ore,
        created_at=row.created_at,
        not_before_at=row.not_before_at,
        wipe_at=row.wipe_at,
    )
    one.delivery = own
    one.save(update_fields=["delivery"])
