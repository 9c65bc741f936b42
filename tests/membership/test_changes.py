"""How changed values are kept and shown."""

from datetime import date
from typing import Any

import pytest

from membership.changes import from_json, label_of, shown, to_json
from membership.models import Member

VALUES: list[tuple[str, Any, str]] = [
    ("first_name", "Áile", "Áile"),
    ("birth_on", date(1980, 3, 12), "12.03.1980"),
    ("birth_on", None, ""),
    ("no_sms", True, "ja"),
    ("no_sms", False, "nei"),
    ("mobile", "+4790000001", "900 00 001"),
    ("mobile", "90 00", "90 00"),
    ("category", "reduced", "Redusert"),
    ("email", "", ""),
    ("birth_year", 1980, "1980"),
]


@pytest.mark.parametrize(("name", "value", "words"), VALUES)
def test_a_value_survives_the_history_and_is_read_in_words(name: str, value: Any, words: str) -> None:
    kept = to_json(value)
    assert from_json(name, kept) == value
    assert shown(name, kept) == words


def test_every_column_of_a_member_has_a_word() -> None:
    for field in Member._meta.concrete_fields:
        assert label_of(field.name)
    assert (label_of("branch"), label_of("tags"), label_of("merged")) == ("kommuneparti", "grupper", "slått sammen med")
