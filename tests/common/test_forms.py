from typing import Any

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting

from common.forms import FormRenderer

WIDGETS = [
    (forms.TextInput(), "Ola"),
    (forms.TextInput({"class": "ds-input", "size": 10}), "<b>\"Ola\" & 'Kari'</b>"),
    (forms.TextInput({"data-empty": "", "data-x": None}), None),
    (forms.NumberInput({"min": 0, "required": True, "disabled": False}), 0),
    (forms.HiddenInput(), 45000),
    (forms.CheckboxInput({"class": "ds-input"}), True),
    (forms.CheckboxInput(), False),
    (forms.CheckboxInput(), "ja"),
    (forms.EmailInput(), "a@example.no"),
    (forms.PasswordInput(), "hemmelig"),
]


@pytest.mark.parametrize(("widget", "value"), WIDGETS)
def test_inputs_are_printed_as_djangos_templates_print_them(widget: forms.Widget, value: Any) -> None:
    attributes = {"id": "id_name", "aria-label": "Å <x>"}
    expected = widget.render("name", value, attributes, renderer=TemplatesSetting())
    assert widget.render("name", value, attributes, renderer=FormRenderer()) == expected.strip()


def test_other_widgets_come_from_their_templates() -> None:
    widget = forms.Select(choices=[("a", "<A>"), ("b", "B")])
    assert widget.render("name", "b", renderer=FormRenderer()) == widget.render(
        "name", "b", renderer=TemplatesSetting()
    )
