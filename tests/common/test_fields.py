"""The form field for dates."""

from datetime import date, datetime
from typing import Any

import pytest
from django import forms

from common.fields import NorwegianDateField


class DayForm(forms.Form):
    """A form with one date that must be there and one that need not."""

    due_on = NorwegianDateField()
    paid_on = NorwegianDateField(required=False)


def test_a_date_is_taken_from_a_numeric_keypad() -> None:
    form = DayForm({"due_on": "03122026", "paid_on": ""})
    assert form.is_valid()
    assert form.cleaned_data == {"due_on": date(2026, 12, 3), "paid_on": None}


@pytest.mark.parametrize("value", ["12/31/2026", "i morgen", "31.02.2026"])
def test_what_is_not_a_date_is_refused_and_shown_again(value: str) -> None:
    form = DayForm({"due_on": value})
    assert form.errors["due_on"] == [str(NorwegianDateField.default_error_messages["invalid"])]
    assert f'value="{value}"' in str(form["due_on"])


def test_the_field_is_text_with_a_numeric_keypad_whatever_the_browsers_language() -> None:
    html = str(DayForm(initial={"due_on": date(2026, 12, 3)})["due_on"])
    assert 'type="text"' in html
    assert 'inputmode="numeric"' in html
    assert 'value="03.12.2026"' in html


@pytest.mark.parametrize("value", [date(2026, 12, 3), datetime(2026, 12, 3, 8)])
def test_a_date_object_is_taken_as_it_is(value: Any) -> None:
    assert NorwegianDateField().clean(value) == date(2026, 12, 3)


def test_an_unchanged_date_is_not_a_change() -> None:
    form = DayForm({"due_on": "3.12.2026"}, initial={"due_on": date(2026, 12, 3)})
    assert not form.has_changed()
