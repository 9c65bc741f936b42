"""The shape of what a branch says of itself."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from common.text import clean
from membership.models import Branch

_FACEBOOK: Final = ("facebook.com", "fb.com", "fb.me")


def text_input(**attributes: Any) -> forms.TextInput:
    """A plain field as the rest of the house has it."""
    return forms.TextInput({"class": "ds-input", "autocomplete": "off", **attributes})


class CleanField(forms.CharField):
    """One line of text, without what nobody can see."""

    def to_python(self, value: Any) -> str:
        """NFC, trimmed, no control characters."""
        return clean(super().to_python(value) or "")


class FacebookField(forms.URLField):
    """An address at Facebook: nothing else is what the field says, and no other scheme can be pressed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            assume_scheme="https",
            required=False,
            max_length=200,
            widget=text_input(inputmode="url"),
            error_messages={"invalid": _("Write the address as it stands in the browser, facebook.com/…")},
            **kwargs,
        )
        self.validators = [one for one in self.validators if not isinstance(one, URLValidator)]
        self.validators.append(URLValidator(schemes=["http", "https"], message=self.error_messages["invalid"]))

    def clean(self, value: Any) -> str:
        """An address of Facebook's, or nothing."""
        url = str(super().clean(value) or "")
        host = (urlsplit(url).hostname or "").removeprefix("www.")
        if url and not any(host == one or host.endswith(f".{one}") for one in _FACEBOOK):
            raise forms.ValidationError(self.error_messages["invalid"])
        return url


class BranchForm(forms.Form):
    """A branch's own words; `place` only where the county asks."""

    name = CleanField(
        label=_("Name"),
        max_length=120,
        help_text=_("The name you use yourselves. It stands on every page and in every letter."),
        widget=text_input(),
    )
    place = CleanField(
        label=_("Short name"), max_length=80, help_text=_("For lists, for example Kåfjord."), widget=text_input()
    )
    other_names = CleanField(
        label=_("Other names (optional)"),
        max_length=160,
        required=False,
        help_text=_("Sámi and Kven names"),
        widget=text_input(),
    )
    email = forms.EmailField(
        label=_("Email (optional)"),
        required=False,
        max_length=254,
        help_text=_("An address of the branch's own, not a person's."),
        widget=forms.EmailInput({"class": "ds-input", "autocomplete": "off"}),
    )
    meeting_place = CleanField(label=_("Meeting place (optional)"), max_length=160, required=False, widget=text_input())
    facebook_page = FacebookField(label=_("Facebook page (optional)"))
    facebook_group = FacebookField(label=_("Facebook group (optional)"))
    seen = forms.CharField(max_length=80, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, branch: Branch, seen: str, names_place: bool) -> None:
        names = ("name", "place", "other_names", "email", "meeting_place", "facebook_page", "facebook_group")
        super().__init__(data, initial={name: getattr(branch, name) for name in names} | {"seen": seen})
        if not names_place:
            del self.fields["place"]

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields one sees."""
        return [self[name] for name in self.fields if name != "seen"]
