"""Keeping texts for another time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.models import Branch
from messaging.models import MessageTemplate


class NameTaken(Exception):
    """The branch has a text of that name and kind already."""


def save_template(
    branch: Branch, *, values: Mapping[str, Any], by: User, now: datetime, template: MessageTemplate | None = None
) -> MessageTemplate:
    """Keep a new text, or other words for `template`. Raises `NameTaken`."""
    kept = template or MessageTemplate(branch=branch, created_by=by)
    for name in ("kind", "name", "purpose", "subject", "body", "sms"):
        if name in values:
            setattr(kept, name, values[name])
    kept.changed_at = now
    try:
        with transaction.atomic():
            kept.save()
            record(Verb.TEMPLATE_SAVED, by=by, branch_id=branch.pk, subject=kept)
    except IntegrityError as error:
        raise NameTaken from error
    return kept


@transaction.atomic
def delete_template(template: MessageTemplate, *, by: User) -> None:
    """Throw it away; twice is once."""
    pk, branch_id = template.pk, template.branch_id
    deleted, _rows = MessageTemplate.objects.filter(pk=pk).delete()
    if deleted:
        template.pk = pk
        record(Verb.TEMPLATE_DELETED, by=by, branch_id=branch_id, subject=template)
