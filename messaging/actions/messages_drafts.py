"""Keeping and throwing away what somebody is writing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.models import Branch
from messaging.actions.messages_refusals import Refused, Why
from messaging.enums import MessageState, Purpose, Way
from messaging.models import Message, MessageText

# What a draft holds, beside its texts; what is not among the values stays as it is.
FIELDS: Final = ("purpose", "way", "with_letters", "audience", "audience_label", "send_at", "expires_at")
_TEXTS: Final = ("subject", "body", "sms")


@transaction.atomic
def save_draft(
    branch: Branch,
    *,
    values: Mapping[str, Any],
    by: User,
    now: datetime,
    message: Message | None = None,
    form_token: UUID | None = None,
    seen_at: datetime | None = None,
) -> Message:
    """Keep a draft: a new one, or `message` with other words.

    `values` holds any of `FIELDS`, and `texts`: {language: {"subject", "body", "sms"}}; a language whose texts are
    all empty goes. The same `form_token` again gives the draft that it made. `seen_at` is the `changed_at` that the
    writer had before them: raises `Refused` where somebody has changed it since, or where it is no draft any more.
    """
    if message is None:
        return _new(branch, values, by, now, form_token)
    mine = Message.objects.filter(pk=message.pk, branch=branch, state=MessageState.DRAFT)
    untouched = mine.filter(changed_at=seen_at) if seen_at else mine
    changes = {**_fields(values), "changed_by": by, "changed_at": now, "problem": ""}
    if not untouched.update(**changes):
        return _as_it_is(message, values, by)
    _write_texts(message, values)
    record(Verb.MESSAGE_WRITTEN, by=by, branch_id=branch.pk, subject=message)
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def _new(branch: Branch, values: Mapping[str, Any], by: User, now: datetime, form_token: UUID | None) -> Message:
    fields = {
        "purpose": Purpose.NEWSLETTER,
        "way": Way.EMAIL,
        **_fields(values),
        "branch": branch,
        "municipal_id": branch.municipal_id,
        "county_id": branch.root_id,
        "created_by": by,
        "created_at": now,
        "changed_by": by,
        "changed_at": now,
    }
    if form_token is None:
        message, made = Message.objects.create(**fields), True
    else:
        message, made = Message.objects.get_or_create(form_token=form_token, defaults=fields)
    if made:
        _write_texts(message, values)
        record(Verb.MESSAGE_WRITTEN, by=by, branch_id=branch.pk, subject=message)
    elif (message.branch_id, message.created_by_id) != (branch.pk, by.pk):
        # Somebody else's form: no draft of theirs is shown or changed here.
        raise Refused(Why.NOT_A_DRAFT)
    return message


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in FIELDS if name in values}


def _write_texts(message: Message, values: Mapping[str, Any]) -> None:
    for language, given in values.get("texts", {}).items():
        texts = {name: str(given.get(name, "")) for name in _TEXTS}
        mine = MessageText.objects.filter(message=message, language=language)
        if not any(texts.values()):
            mine.delete()
        elif not mine.update(**texts):
            MessageText.objects.create(message=message, language=language, **texts)


def _as_it_is(message: Message, values: Mapping[str, Any], by: User) -> Message:
    """The same form sent twice is saved once; what somebody else wrote meanwhile stays."""
    kept = Message.objects.select_related("changed_by").filter(pk=message.pk, branch_id=message.branch_id).first()
    if kept is None or not kept.is_draft:
        raise Refused(Why.NOT_A_DRAFT)
    same = all(getattr(kept, name) == value for name, value in _fields(values).items()) and _same_texts(kept, values)
    if kept.changed_by_id != by.pk or not same:
        raise Refused(Why.CHANGED, name=kept.changed_by.name)
    return kept


def _same_texts(message: Message, values: Mapping[str, Any]) -> bool:
    kept = {text.language: {name: getattr(text, name) for name in _TEXTS} for text in message.texts.order_by("id")}
    none = dict.fromkeys(_TEXTS, "")
    return all({**none, **given} == kept.get(language, none) for language, given in values.get("texts", {}).items())


@transaction.atomic
def delete_draft(message: Message, *, by: User) -> None:
    """Throw it away. One that is gone already is gone; one that is no draft any more is refused."""
    found = Message.objects.select_for_update().filter(pk=message.pk).first()
    if found is None:
        return
    if not found.is_draft:
        raise Refused(Why.NOT_A_DRAFT)
    record(Verb.MESSAGE_DELETED, by=by, branch_id=found.branch_id, subject=found)
    found.delete()
