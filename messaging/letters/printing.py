"""PDF by typst: what is printed is data to the template, so that no name or text can be taken for markup."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import typst

_HERE: Final = Path(__file__).parent


def print_letters(
    letters: Sequence[dict[str, Any]], *, title: str, sender: str, contact: str, date: str, language: str = "nb"
) -> bytes:
    """One PDF with all letters: each {"address": lines, "subject", "blocks"} begins on a page of its own."""
    data = {"letters": letters, "sender": sender, "contact": contact, "date": date}
    return _compiled("letter.typ", data | {"title": title, "language": language})


def print_labels(labels: Sequence[Sequence[str]], *, title: str, language: str = "nb") -> bytes:
    """One PDF with a label for each list of lines, 24 on a sheet."""
    return _compiled("labels.typ", {"labels": labels, "title": title, "language": language})


def _compiled(template: str, data: dict[str, Any]) -> bytes:
    source = (_HERE / template).read_bytes()
    made = typst.compile(source, format="pdf", sys_inputs={"data": json.dumps(data)}, ignore_system_fonts=True)
    if not isinstance(made, bytes):
        raise TypeError("typst gave pages, not a document")
    return made
