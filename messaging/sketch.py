"""A message as its form has it at this moment, saved or not: what the page shows, counts and checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from common.clock import OSLO
from common.numbers import format_int
from membership.access import BranchRequest
from messaging.audience import PEOPLE, Choice, choices_for, label_of
from messaging.builtin_texts import BUILT_IN
from messaging.enums import PURPOSES, Purpose, TemplateKind, Way
from messaging.forms import LATER, MAIN, NOW, MessageForm, time_words
from messaging.models import Message, MessageTemplate, MessageText
from messaging.writing.compose import Composer

# In the select of recipients: members picked by name, and a choice that stands in no list.
PICKED: Final = "personer"
OWN: Final = "valgt"


@dataclass(frozen=True, slots=True)
class Sketch:
    """`message` holds the form's values and is never saved itself; `saved` is the draft they belong to, if any."""

    message: Message
    texts: list[MessageText]
    saved: Message | None

    @property
    def composer(self) -> Composer:
        """Writes it out."""
        return Composer(self.message, self.texts)

    @property
    def is_empty(self) -> bool:
        """Whether it is for members picked by name, and nobody is picked yet."""
        return self.audience.get("kind") == PEOPLE and not self.audience.get("ids")

    @property
    def audience(self) -> Mapping[str, Any]:
        """Whom it is for."""
        audience: Mapping[str, Any] = self.message.audience
        return audience

    def values(self) -> dict[str, Any]:
        """What `save_draft` keeps: a language that was there and has lost its texts is told too."""
        message = self.message
        made = {
            name: getattr(message, name)
            for name in ("purpose", "way", "with_letters", "audience", "audience_label", "send_at", "expires_at")
        }
        texts = {text.language: {"subject": text.subject, "body": text.body, "sms": text.sms} for text in self.texts}
        gone: dict[str, dict[str, str]] = (
            {text.language: {} for text in self.saved.texts.order_by("id")} if self.saved else {}
        )
        return {**made, "texts": {**gone, **texts}}


class Offers:
    """What there is to choose between in one branch, for one user: asked for once a request."""

    def __init__(self, request: BranchRequest) -> None:
        self.request = request
        self.choices: list[Choice] = choices_for(
            request.branch, user=request.user, access=request.access, today=request.today
        )

    def audiences(self, audience: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """The select's options, in groups; with one for what stands there and is no choice of everybody's."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for choice in self.choices:
            groups.setdefault(str(choice.group), []).append((choice.key, choice.text))
        picked = len(audience.get("ids") or []) if audience.get("kind") == PEOPLE else 0
        own = [(PICKED, _("Choose people …") if not picked else _("Chosen people (%(n)s)") % {"n": format_int(picked)})]
        if self.key_of(audience) == OWN:
            own.append((OWN, label_of(self.request.branch, audience, self.request.today)))
        return [*groups.items(), (_("Others"), [*groups.pop(_("Others"), []), *own])]

    def key_of(self, audience: Mapping[str, Any]) -> str:
        """Which option an audience is."""
        if audience.get("kind") == PEOPLE:
            return PICKED
        return next((choice.key for choice in self.choices if choice.audience == audience), OWN)

    def audience_of(self, key: str, present: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """An option's audience and what it is called. What cannot be read leaves the one that was there."""
        if key == PICKED:
            kept = present if present.get("kind") == PEOPLE else {"kind": PEOPLE, "ids": []}
            return dict(kept), label_of(self.request.branch, kept, self.request.today)
        choice = next((choice for choice in self.choices if choice.key == key), None)
        if choice is not None:
            return dict(choice.audience), str(choice.label)
        return dict(present), label_of(self.request.branch, present, self.request.today)

    def templates(self) -> list[tuple[str, Any]]:
        """The texts to begin with: the branch's, those of the branches above it, and the house's own."""
        rows = saved_templates(self.request)
        own = [(str(row.pk), row.name) for row in rows if row.branch_id == self.request.branch.pk]
        above = [(str(row.pk), row.name) for row in rows if row.branch_id != self.request.branch.pk]
        built_in = [(text.key, text.name) for text in BUILT_IN if text.kind == TemplateKind.MESSAGE]
        groups = [(self.request.branch.name, own), (_("From the county"), above), (_("Ready-made"), built_in)]
        return [("", "–"), *((name, options) for name, options in groups if options)]

    @property
    def first(self) -> tuple[dict[str, Any], str]:
        """Whom a new message is for until something else is chosen."""
        return (dict(self.choices[0].audience), str(self.choices[0].label)) if self.choices else ({}, "")


def saved_templates(request: BranchRequest, kind: str = TemplateKind.MESSAGE) -> list[MessageTemplate]:
    """A branch's own texts and those of the branches above it."""
    rows = MessageTemplate.objects.seen_from(request.branch).filter(kind=kind).select_related("branch")
    return list(rows.order_by("name", "id"))


def empty_sketch(request: BranchRequest, audience: Mapping[str, Any], label: str) -> Sketch:
    """A message of which nothing is written."""
    return Sketch(_message(request, audience=dict(audience), audience_label=label), [], None)


def saved_sketch(request: BranchRequest, saved: Message) -> Sketch:
    """A draft as it was last saved."""
    return Sketch(saved, list(saved.texts.order_by("id")), saved)


def form_of(
    offers: Offers, sketch: Sketch, data: Mapping[str, Any] | None = None, *, language: str = "", q: str = ""
) -> MessageForm:
    """The form, filled with what was typed where something was, else with what the sketch holds.

    `language`: one more to write in. `q`: the name that is searched for.
    """
    message = sketch.message
    later = message.send_at is not None
    initial: dict[str, Any] = {
        "q": q,
        "to": offers.key_of(message.audience),
        "purpose": message.purpose,
        "way": message.way,
        "with_letters": message.with_letters,
        "when": LATER if later else NOW,
        "send_on": message.send_at.astimezone(OSLO).date() if message.send_at else None,
        "send_time": time_words(message.send_at),
        "until_on": message.expires_at.astimezone(OSLO).date() if message.expires_at else None,
        "until_time": time_words(message.expires_at),
    }
    for text in sketch.texts:
        initial |= {f"{part}_{text.language}": getattr(text, part) for part in ("subject", "body", "sms")}
    return MessageForm(
        data,
        audiences=offers.audiences(message.audience),
        templates=offers.templates(),
        languages=[*(text.language for text in sketch.texts), language, *_languages(data)],
        initial=initial,
    )


def _languages(data: Mapping[str, Any] | None) -> list[str]:
    """Of a posted form those further languages that it had fields for, and the one that is asked for."""
    names = [name.removeprefix("body_") for name in data or {} if name.startswith("body_")]
    added = (data or {}).get("add_language", "")
    return [*names, *([str(added)] if added else [])]


def typed_sketch(request: BranchRequest, offers: Offers, form: MessageForm, base: Sketch) -> Sketch:
    """What was typed, over what was there before: a field that cannot be read keeps its value."""
    data, before = form.cleaned_data, base.message
    audience, label = offers.audience_of(str(data.get("to") or ""), before.audience)
    send_at, expires_at = data.get("send_at"), data.get("expires_at")
    message = _message(
        request,
        base.saved,
        audience=audience,
        audience_label=label,
        purpose=data.get("purpose") or before.purpose,
        way=data.get("way") or before.way,
        with_letters=bool(data.get("with_letters")),
        send_at=before.send_at if {"send_on", "send_time"} & form.errors.keys() else send_at,
        expires_at=before.expires_at if {"until_on", "until_time"} & form.errors.keys() else expires_at,
    )
    kept = {text.language: text for text in base.texts}
    texts = [_text(message, language, parts, form, kept.get(language)) for language, parts in form.texts().items()]
    return Sketch(message, texts, base.saved)


def _text(
    message: Message, language: str, parts: Mapping[str, str], form: MessageForm, kept: MessageText | None
) -> MessageText:
    """A text that is too long to be kept stays in the form, and the draft keeps what it had."""
    refused = {part: getattr(kept, part, "") for part in parts if f"{part}_{language}" in form.errors}
    return MessageText(message=message, language=language, **{**parts, **refused})


def _message(request: BranchRequest, saved: Message | None = None, **fields: Any) -> Message:
    branch = request.branch
    fields.setdefault("purpose", Purpose.NEWSLETTER)
    fields.setdefault("way", Way.EMAIL)
    made = Message(branch=branch, municipal_id=branch.municipal_id, county_id=branch.root_id, **fields)
    if saved is not None:
        made.pk, made.state, made.problem = saved.pk, saved.state, saved.problem
    return made


def version_of(saved: Message | None) -> str:
    """Which of a draft's versions the writer has before them."""
    return saved.changed_at.isoformat() if saved else ""


def read_version(text: str) -> datetime | None:
    """The moment in a form; None for a form that has none."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def with_template(sketch: Sketch, chosen: Any) -> Sketch:
    """With a saved text where nothing is written yet; what is written stays, and the new text comes after it."""
    main = next((text for text in sketch.texts if text.language == MAIN), None)
    text = main or MessageText(message=sketch.message, language=MAIN)
    if not text.body and not text.sms and chosen.purpose in PURPOSES:
        sketch.message.purpose = chosen.purpose
    text.subject = text.subject or chosen.subject
    text.body = "\n\n".join(part for part in (text.body, chosen.body) if part)
    text.sms = "\n".join(part for part in (text.sms, chosen.sms) if part)
    return Sketch(sketch.message, [text, *_others(sketch.texts)], sketch.saved)


def _others(texts: Iterable[MessageText]) -> Sequence[MessageText]:
    return [text for text in texts if text.language != MAIN]
