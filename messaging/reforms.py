"""What becomes of messages, saved texts, the inbox and the settings when branches are merged or split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from membership.extensions import Reform, Text
from membership.models import Branch
from messaging.actions.messages import Refused, take_back
from messaging.enums import MessageState
from messaging.models import InboxMessage, Message, MessageTemplate, MessagingSettings

_WAITING: Final = (MessageState.APPROVAL, MessageState.QUEUED)
_NAME: Final = 60


def tell(branches: Sequence[Branch]) -> list[Text]:
    """What waits to be sent becomes a draft again; what came in goes along."""
    told: list[Text] = []
    if count := Message.objects.filter(branch__in=branches, state__in=_WAITING).count():
        told.append(
            ngettext(
                "%(count)d message waits to be sent. It becomes a draft again.",
                "%(count)d messages wait to be sent. They become drafts again.",
                count,
            )
            % {"count": count}
        )
    if count := InboxMessage.objects.open().filter(branch__in=branches).count():
        told.append(
            ngettext(
                "%(count)d message in the inbox is not answered. It goes along.",
                "%(count)d messages in the inbox are not answered. They go along.",
                count,
            )
            % {"count": count}
        )
    return told


def follow(heirs: Mapping[int, Sequence[int]], by: User, now: datetime) -> dict[str, Any]:
    """All that a branch with one heir has is the heir's. Of one that is split, what was sent stays where it was sent.

    Whom a text was for is asked anew, so what waits in a branch that ends is taken back to be a draft.
    """
    branches = sorted({*heirs, *(pk for found in heirs.values() for pk in found)})
    kept: dict[str, Any] = {"messages": {}, "inbox": {}, "templates": {}, "settings": [], "branches": branches}
    ended = set(Branch.objects.filter(pk__in=heirs, valid_to__isnull=False).values_list("pk", flat=True))
    _take_back(Message.objects.filter(branch__in=ended, state__in=_WAITING), by, now)
    for old in sorted(ended):
        found = [pk for pk in heirs[old] if pk != old]
        if len(found) == 1:
            _move(old, Branch.objects.get(pk=found[0]), kept)
    _rescope(branches)
    return kept


def _take_back(waiting: Iterable[Message], by: User, now: datetime) -> None:
    for message in waiting:
        try:
            take_back(message, by=by, now=now)
        except Refused:
            # It has just begun to go out, and goes on under the heir.
            continue
        sentence = _("The branch became part of another. See whom it goes to before you send it.")
        Message.objects.filter(pk=message.pk, state=MessageState.DRAFT).update(problem=sentence)


def _move(old: int, heir: Branch, kept: dict[str, Any]) -> None:
    scope = {"branch": heir, "municipal_id": heir.municipal_id, "county_id": heir.root_id}
    for name, rows in (("messages", Message.objects.all()), ("inbox", InboxMessage.objects.all())):
        own = rows.filter(branch=old)
        kept[name] |= {str(pk): old for pk in own.values_list("pk", flat=True)}
        own.update(**scope)
    taken = set(MessageTemplate.objects.filter(branch=heir).values_list("kind", "name"))
    place = Branch.objects.values_list("place", flat=True).get(pk=old)
    for template in MessageTemplate.objects.filter(branch=old).order_by("id"):
        kept["templates"][str(template.pk)] = [old, template.name]
        template.name = _free(template, place, taken)
        template.branch = heir
        template.save(update_fields=["branch", "name"])
        taken.add((template.kind, template.name))
    _pass_on_settings(old, heir, kept)


def _free(template: MessageTemplate, place: str, taken: set[tuple[str, str]]) -> str:
    """Its name, with the old branch's place and a number where the heir has one of that name."""
    name = template.name
    for number in range(1, len(taken) + 2):
        if (template.kind, name) not in taken:
            break
        tail = f" ({place})" if number == 1 else f" ({place} {number})"
        name = f"{template.name[: _NAME - len(tail)]}{tail}"
    return name


def _pass_on_settings(old: int, heir: Branch, kept: dict[str, Any]) -> None:
    """The heir's own settings stand; one that has none gets those of the first that had some."""
    found = MessagingSettings.objects.filter(branch=old).first()
    if found and not MessagingSettings.objects.filter(branch=heir).exists():
        found.branch = heir
        found.save(force_insert=True)
        kept["settings"].append(heir.pk)


def _rescope(branch_ids: Iterable[int]) -> None:
    """Local branches have got another branch above them: their rows say so too."""
    under = Branch.objects.filter(Q(parent__in=branch_ids) | Q(pk__in=branch_ids)).values("pk")
    above = Branch.objects.filter(pk=OuterRef("branch_id")).values("municipal_id")[:1]
    Message.objects.filter(branch__in=under).update(municipal_id=Subquery(above))
    InboxMessage.objects.filter(branch__in=under).update(municipal_id=Subquery(above))


def undo(kept: Any, made: Sequence[int], by: User, now: datetime) -> None:
    """Each branch gets its own again. What waits in a branch that is no more is taken back to be a draft."""
    kept = kept or {}
    _take_back(Message.objects.filter(branch__in=made, state__in=_WAITING), by, now)
    for name, rows in (("messages", Message.objects.all()), ("inbox", InboxMessage.objects.all())):
        for pk, branch_id in kept.get(name, {}).items():
            rows.filter(pk=pk).update(branch_id=branch_id)
    for pk, (branch_id, name) in kept.get("templates", {}).items():
        MessageTemplate.objects.filter(pk=pk).update(branch_id=branch_id, name=name)
    MessagingSettings.objects.filter(branch__in=kept.get("settings", [])).delete()
    _rescope(kept.get("branches", []))


REFORM = Reform("messaging", tell, follow, undo)
