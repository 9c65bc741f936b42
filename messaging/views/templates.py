"""Texts that are kept for another time: the branch's own, those of the branches above it, and the ready-made ones."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from common import clock
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from messaging.actions.templates import NameTaken, delete_template, save_template
from messaging.builtin_texts import BUILT_IN, built_in
from messaging.enums import TemplateKind
from messaging.forms_templates import TemplateForm
from messaging.message_words import text_of
from messaging.models import MessageTemplate
from messaging.sketch import saved_templates
from messaging.writing.placeholders import known

_PARTS = ("purpose", "subject", "body", "sms")


@branch_view(Permission.WRITE_MESSAGES)
def template_list(request: BranchRequest) -> HttpResponse:
    """All texts that can be used here, messages and answers."""
    kinds = [
        {"label": label, "rows": [*saved_templates(request, kind), *(text for text in BUILT_IN if text.kind == kind)]}
        for kind, label in ((TemplateKind.MESSAGE, _("For messages")), (TemplateKind.REPLY, _("For answers")))
    ]
    return render(request, "messaging/template_list.html", {"page": "meldinger", "kinds": kinds})


@branch_view(Permission.WRITE_MESSAGES, methods=("GET", "POST"))
def template_new(request: BranchRequest) -> HttpResponse:
    """A new one: empty, or begun from a ready-made text (`?fra=mote`) or from a draft (`?melding=…`)."""
    if request.method == "POST":
        return _posted(request, None)
    return _page(request, TemplateForm(initial=_beginning(request)), None)


@branch_view(Permission.WRITE_MESSAGES, methods=("GET", "POST"))
def template_edit(request: BranchRequest, pk: int) -> HttpResponse:
    """Change one of the branch's own."""
    template = get_object_or_404(request.branch.message_templates, pk=pk)
    if request.method == "POST":
        return _posted(request, template)
    initial = {part: getattr(template, part) for part in (*_PARTS, "kind", "name")}
    return _page(request, TemplateForm(initial=initial), template)


@branch_view(Permission.WRITE_MESSAGES, methods=("POST",))
def template_delete(request: BranchRequest, pk: int) -> HttpResponse:
    """Throw one of the branch's own away."""
    delete_template(get_object_or_404(request.branch.message_templates, pk=pk), by=request.user)
    messages.success(request, _("The text is deleted."))
    return redirect("messaging:template_list", request.branch.slug)


def _beginning(request: BranchRequest) -> dict[str, Any]:
    """What the form holds to begin with; nothing for a name that leads nowhere."""
    if ready := built_in(request.GET.get("fra", "")):
        return {"kind": ready.kind, "name": ready.name, **{part: getattr(ready, part) for part in _PARTS}}
    try:
        draft = request.branch.messages.filter(pk=UUID(request.GET.get("melding", ""))).first()
    except ValueError:
        draft = None
    text = text_of(draft) if draft else None
    if draft is None or text is None:
        return {"kind": TemplateKind.MESSAGE}
    return {
        "kind": TemplateKind.MESSAGE,
        "purpose": draft.purpose,
        "subject": text.subject,
        "body": text.body,
        "sms": text.sms,
    }


def _posted(request: BranchRequest, template: MessageTemplate | None) -> HttpResponse:
    form = TemplateForm(request.POST)
    if form.is_valid():
        try:
            save_template(
                request.branch, values=form.cleaned_data, by=request.user, now=clock.machine_time(), template=template
            )
        except NameTaken:
            form.add_error("name", _("There is a text of that name here. Choose another name."))
        else:
            messages.success(request, _("The text is saved."))
            return redirect("messaging:template_list", request.branch.slug)
    return _page(request, form, template, status=422)


def _page(
    request: BranchRequest, form: TemplateForm, template: MessageTemplate | None, *, status: int = 200
) -> HttpResponse:
    context = {"page": "meldinger", "form": form, "template": template, "words": known()}
    return render(request, "messaging/template_edit.html", context, status=status)
