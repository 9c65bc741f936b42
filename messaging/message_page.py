"""One message's page: how far it has come, what can be done with it, who stands behind it, what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from common.numbers import format_int
from membership.access import BranchRequest
from membership.extensions import Text
from membership.links import url_if_there
from membership.member_words import language_name
from membership.models import Branch
from membership.roles import Permission
from messaging.actions.messages import retryable
from messaging.approval import preview_of, stood_in_for
from messaging.enums import MessageState, Purpose, Reason, Way
from messaging.message_list import seen_from
from messaging.message_words import TONES, Shown, format_moment, state_label, title_of
from messaging.models import Message, MessageText
from messaging.progress import Progress, progress_of
from messaging.writing.markdown import to_html

# What the recipients' page is narrowed by, and the words for it where it is not an enum's own.
STATE: Final = "status"
# Less than this is no wait worth telling of.
_SOON: Final = timedelta(minutes=2)
REASON: Final = "grunn"


@dataclass(frozen=True, slots=True)
class Line:
    """How many, of what; `url` shows who. `level` is danger, warning or empty."""

    count: int
    words: Text
    url: str = ""
    level: str = ""


def message_in(request: BranchRequest, pk: UUID, *, to_approve: bool = False) -> Message:
    """A message that is seen from the branch of the request; 404 for any other.

    `to_approve`: also one of another branch that waits for this user, who is named there to approve.
    """
    people = ("branch", "created_by", "changed_by", "queued_by", "approved_by", "stopped_by")
    seen = seen_from(request.branch, also=stood_in_for(request.user, request.branch) if to_approve else None)
    return get_object_or_404(seen.select_related(*people).prefetch_related("texts"), pk=pk)


def is_under(message: Message, branch: Branch) -> bool:
    """Whether it is the branch's own, or of a branch under it."""
    return branch.pk in (message.branch_id, message.municipal_id, message.county_id)


def message_page(request: BranchRequest, message: Message, now: datetime) -> dict[str, Any]:
    """Everything the page prints; `now` is the true time, by which messages live."""
    waits = message.state == MessageState.APPROVAL and is_under(message, request.branch)
    return progress_part(request, message, now) | {
        "page": "meldinger",
        "preview": preview_of(message, request.today) if waits else None,
        "title": title_of(message),
        "texts": texts_of(message),
        "letters_url": _letters_url(request, message),
        "breach_url": _breach_url(request, message),
        "facts": list(_facts(request, message)),
        "kind": Purpose(message.purpose).label,
        "way": Way(message.way).label,
    }


def progress_part(request: BranchRequest, message: Message, now: datetime) -> dict[str, Any]:
    """What the part that moves prints: the state in words, the counts, and what can be done now."""
    progress = progress_of(message)
    return {
        "message": message,
        "state": state_label(message),
        "tone": TONES[message.state],
        "said": _waits_till(message, progress, now, request.today.year) or _said(message, now, request.today.year),
        "progress": progress,
        "lines": _lines(request, message, progress),
        "left_out": _left_out(request, message, progress),
        "doors": _doors(request, message, progress, now),
        "poll": _poll(message, progress, now),
        "message_url": reverse("messaging:message_detail", args=[request.branch.slug, message.pk]),
        "recipients_url": reverse("messaging:message_recipients", args=[request.branch.slug, message.pk]),
    }


def _letters_url(request: BranchRequest, message: Message) -> str:
    if Permission.EXPORT_MEMBERS not in request.access or not is_under(message, request.branch):
        return ""
    return url_if_there("messaging:letters", message.branch.slug, message.pk)


def _breach_url(request: BranchRequest, message: Message) -> str:
    """Where one reports that it went to the wrong people; empty where nothing has gone out."""
    sent = message.started_at is not None and is_under(message, request.branch)
    if not sent or Permission.REPORT_BREACH not in request.access:
        return ""
    url = url_if_there("privacy:breach_new", request.branch.slug)
    return f"{url}?melding={message.pk}" if url else ""


def texts_of(message: Message) -> list[Shown]:
    """Bokmål first."""
    texts: Sequence[MessageText] = sorted(message.texts.all(), key=lambda text: (text.language != "nb", text.pk))
    return [_shown(text, named=len(texts) > 1) for text in texts]


def _shown(text: MessageText, *, named: bool) -> Shown:
    # `to_html` gives cleaned HTML.
    html = mark_safe(to_html(text.body)) if text.body else SafeString("")  # noqa: S308
    return Shown(str(language_name(text.language)) if named else "", text.subject, html, text.sms)


# --- The part that moves ---------------------------------------------------------------------------------------------


def minutes_left(message: Message, now: datetime) -> int | None:
    """Whole minutes, rounded up, until one that is to go at once goes; None where it is not such a one."""
    if message.state != MessageState.QUEUED or message.send_at or message.due_at is None:
        return None
    return max(0, -int((now - message.due_at).total_seconds() // 60))


def _rests(message: Message, progress: Progress, now: datetime) -> bool:
    """Whether it is being sent, and nothing more goes out for a while."""
    begun = message.state == MessageState.SENDING
    return begun and progress.next_at is not None and progress.next_at - now > _SOON


def _waits_till(message: Message, progress: Progress, now: datetime, year: int) -> str:
    if progress.next_at is None or not _rests(message, progress, now):
        return ""
    return _("What waits goes out %(when)s. SMS are not sent at night. You may leave this page.") % {
        "when": format_moment(progress.next_at, year=year)
    }


def _poll(message: Message, progress: Progress, now: datetime) -> str:
    """How often the page asks again, in htmx' words; empty where nothing moves by itself."""
    if message.state == MessageState.SENDING:
        return "every 60s" if _rests(message, progress, now) else "every 2s"
    if message.state != MessageState.QUEUED:
        return ""
    soon = message.due_at is None or (message.due_at - now).total_seconds() < 900
    return "every 5s" if soon or message.expanded_at is None else ""


def _said(message: Message, now: datetime, year: int) -> str:
    """The state in one sentence."""
    if (minutes := minutes_left(message, now)) is not None:
        return _queued_now(message, minutes)
    due_at = message.due_at or message.send_at
    if message.state == MessageState.QUEUED and due_at:
        return _("It goes out %(when)s. Until then you can change it or stop it.") % {
            "when": format_moment(due_at, year=year)
        }
    return {
        MessageState.DRAFT: _("Nothing is sent before you say so."),
        MessageState.APPROVAL: _("So many people need two pairs of eyes. It is not sent before another has said yes."),
        MessageState.QUEUED: _("It goes out in a moment."),
        MessageState.SENDING: _("It is being sent now. You may leave this page."),
        MessageState.DONE: _("All is sent that could be sent."),
        MessageState.STOPPED: _("It was stopped. Those who had not got it by then do not get it."),
        MessageState.EXPIRED: _("The time ran out before all had got it."),
    }[MessageState(message.state)]


def _queued_now(message: Message, minutes: int) -> str:
    if not minutes:
        return _("It goes out in a moment.")
    if message.is_held:
        return _(
            "There is nobody else to approve it, so it is held for %(minutes)s min. You can stop it till then."
        ) % {"minutes": minutes}
    return _("It goes out in %(minutes)s min. You can still regret it.") % {"minutes": minutes}


def _lines(request: BranchRequest, message: Message, progress: Progress) -> list[Line]:
    """People by what became of it, those there are some of."""
    told = (
        (progress.sent, "sendt", _("have been sent it"), ""),
        (progress.waiting, "venter", _("wait for their turn"), ""),
        (progress.failed, "feilet", _("could not be sent it"), "danger"),
        (progress.bounced, "retur", _("have an address that sent it back"), "danger"),
        (progress.unknown, "ukjent", _("may or may not have got it"), "warning"),
        (progress.cancelled, "stanset", _("were cancelled before it went out"), ""),
        (progress.to_post, "brev", _("are to get a letter by post"), ""),
        (progress.posted, "postet", _("have a letter in the post"), ""),
    )
    return [Line(count, words, _who(request, message, STATE, key), level) for count, key, words, level in told if count]


def _left_out(request: BranchRequest, message: Message, progress: Progress) -> list[Line]:
    """Who does not get it, by reason; the shielded are counted and not shown."""
    return [
        Line(count, Reason(reason).label, "" if reason == Reason.PROTECTED else _who(request, message, REASON, reason))
        for reason, count in sorted(progress.left_out.items(), key=lambda item: (-item[1], item[0]))
        if reason in Reason.values
    ]


def _who(request: BranchRequest, message: Message, name: str, value: str) -> str:
    return f"{reverse('messaging:message_recipients', args=[request.branch.slug, message.pk])}?{name}={value}"


def _doors(request: BranchRequest, message: Message, progress: Progress, now: datetime) -> dict[str, Any]:
    """What this user can do with it now. The actions ask again."""
    if message.is_draft:
        may_write = Permission.WRITE_MESSAGES in request.access
        url = url_if_there("messaging:message_edit", message.branch.slug, message.pk) if may_write else ""
        return {"edit": url} if url else {}
    if Permission.SEND_MESSAGES not in request.access:
        return {}
    under, waits = is_under(message, request.branch), message.state == MessageState.QUEUED
    regret = minutes_left(message, now)
    has_failed = progress.failed and message.state in (MessageState.SENDING, MessageState.DONE)
    return {
        "approve": message.state == MessageState.APPROVAL and message.queued_by_id != request.user.pk,
        "regret": regret,
        "take_back": under and message.state in {MessageState.APPROVAL, MessageState.QUEUED},
        "stop": under and (message.state == MessageState.SENDING or (waits and regret is None)),
        "retry": retryable(message) if has_failed else 0,
        # Decided row by row, while there are rows.
        "decide": progress.unknown if not progress.is_kept else 0,
    }


# --- Who and when ----------------------------------------------------------------------------------------------------


def _facts(request: BranchRequest, message: Message) -> Iterator[tuple[str, str]]:
    year = request.today.year

    def at_by(at: datetime, name: str) -> str:
        return f"{format_moment(at, year=year)}, {name}"

    if message.branch_id != request.branch.pk:
        yield _("From"), message.branch.name
    yield _("To"), message.audience_label
    yield _("Written"), at_by(message.created_at, message.created_by.name)
    if message.queued_by and message.queued_at:
        yield _("Sent off"), at_by(message.queued_at, message.queued_by.name)
    if message.approved_by and message.approved_at:
        yield _("Approved"), at_by(message.approved_at, message.approved_by.name)
    if message.stopped_by and message.stopped_at:
        yield _("Stopped"), at_by(message.stopped_at, message.stopped_by.name)
    yield from _times(message, year)
    if message.confirmed:
        yield _("The sender saw"), _("%(n)s people") % {"n": format_int(message.confirmed)}


def _times(message: Message, year: int) -> Iterator[tuple[str, str]]:
    if message.started_at:
        yield _("Began"), format_moment(message.started_at, year=year)
    elif message.send_at:
        yield _("To go out"), format_moment(message.send_at, year=year)
    if message.finished_at:
        yield _("Finished"), format_moment(message.finished_at, year=year)
    if message.expires_at and message.state != MessageState.DONE:
        yield _("Not after"), format_moment(message.expires_at, year=year)
