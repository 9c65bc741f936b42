"""A page's form as a browser would send it back: every field with what stands in it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from membership.models import Member, MemberChange


class _Fields(HTMLParser):
    """Reads the fields of the form whose `action` is given."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
        self.inside = False
        self.values: dict[str, list[str]] = {}
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what stands in a field."""
        found = dict(attrs)
        name, value = found.get("name") or "", found.get("value") or ""
        if tag == "form":
            self.inside = found.get("action") == self.action
        elif not self.inside:
            return
        elif tag == "input":
            self._input(name, value, found)
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in found:
            self._add(self._select, value)
        elif tag == "textarea":
            self._area = name
            self._add(name, "")

    def _input(self, name: str, value: str, found: dict[str, str | None]) -> None:
        if found.get("type") not in {"checkbox", "radio"}:
            self._add(name, value)
        elif "checked" in found:
            self._add(name, value or "on")

    def handle_endtag(self, tag: str) -> None:
        """The form ends."""
        self._area = "" if tag == "textarea" else self._area
        if tag == "form":
            self.inside = False

    def handle_data(self, data: str) -> None:
        """The text of a larger field; the line break after the tag is not part of it."""
        if self._area:
            self.values[self._area][-1] += data.removeprefix("\r\n").removeprefix("\n")

    def _add(self, name: str, value: str) -> None:
        if name:
            self.values.setdefault(name, []).append(value)


def fields_in(html: str, action: str) -> dict[str, Any]:
    """Name → what stands in the fields of the form that goes to `action`."""
    read = _Fields(action)
    read.feed(html)
    assert read.values, f"no form goes to {action}"
    return dict(read.values)


def address(member: Member) -> str:
    """Where the member is changed."""
    return reverse("membership:member_edit", args=[member.branch.slug, member.pk])


def form_of(client: Client, member: Member) -> dict[str, Any]:
    """The form of a member as it is opened."""
    answer = client.get(address(member))
    assert answer.status_code == 200
    return fields_in(answer.text, address(member))


def send(client: Client, member: Member, form: dict[str, Any], **changes: Any) -> Any:
    """The form sent back, with changes."""
    return client.post(address(member), {**form, **changes})


def save(client: Client, member: Member, **changes: Any) -> Member:
    """Open the form, change it, send it; the member as it is then."""
    answer = send(client, member, form_of(client, member), **changes)
    assert answer.status_code == 302, answer.text
    return Member.objects.get(pk=member.pk)


def told(member: Member) -> set[str]:
    """The fields that the history tells of."""
    return set(MemberChange.objects.of([member.pk]).values_list("field", flat=True))
