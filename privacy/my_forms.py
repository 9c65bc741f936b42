"""The forms of Min side. Each field reads and refuses as the officers' own do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from membership.enums import Gender
from membership.member_fields import (
    Birth,
    BirthField,
    CleanForm,
    EmailField,
    LinesField,
    Number,
    PhoneField,
    PlainField,
)
from membership.member_forms import ADDRESS, columns_of
from membership.member_words import language_choices
from membership.models import Member, MemberChange

# What a browser may fill in by itself (WCAG 1.3.5).
_FILLS: Final[Mapping[str, str]] = {
    "first_name": "given-name",
    "last_name": "family-name",
    "birth": "bday",
    "mobile": "tel",
    "email": "email",
    "street": "street-address",
    "postal_code": "postal-code",
    "city": "address-level2",
}
_PLAIN: Final = ("first_name", "last_name", "gender", "language", "email", *ADDRESS, "skills")
_HIDDEN: Final = frozenset({"since", "address_kept"})
_SECTIONS: Final[tuple[tuple[str, Any, tuple[str, ...]], ...]] = (
    ("reach", gettext_lazy("How we reach you"), ("mobile", "email", "phone")),
    ("who", gettext_lazy("Who you are"), ("first_name", "last_name", "birth", "gender", "language")),
    ("where", gettext_lazy("Your address"), ADDRESS),
    ("can", gettext_lazy("What you can contribute"), ("skills",)),
)


class MyDetailsForm(CleanForm):
    """What is one's own. What is not a field here cannot be changed by it."""

    since = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    # There only where the address was not shown: empty fields then mean that it stays.
    address_kept = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        member: Member,
        today: date,
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        """`typed`: what was typed in a form that was overtaken, to stand in this one instead of what is stored."""
        super().__init__(data)
        self.member = member
        self.initial = {**self._stored(), **(typed or {})}
        self.fields.update(self._reach() | self._who(today) | self._where())
        self.fields["skills"] = LinesField(
            label=gettext_lazy("Skills"),
            help_text=gettext_lazy("For example first aid, driving licence, languages."),
            max_length=2000,
        )
        for name, hint in _FILLS.items():
            if name in self.fields:
                self.fields[name].widget.attrs["autocomplete"] = hint

    def _stored(self) -> dict[str, Any]:
        since = 0
        if not self.is_bound:
            # The number first: what is changed between the two is then told as a change, not lost.
            since = MemberChange.objects.newest_of(self.member.pk)
            self.member.refresh_from_db()
        member = self.member
        # Whoever reads one's mail and knows one's year of birth comes in here: it may be the one it is kept from.
        self.hides_address = member.address_hidden or (self.is_bound and bool(self.data.get("address_kept")))
        hidden = ADDRESS if self.hides_address else ()
        return {name: "" if name in hidden else getattr(member, name) for name in _PLAIN} | {
            "birth": Birth(member.birth_on, member.birth_year),
            "mobile": Number(member.mobile, member.mobile_ok),
            "phone": Number(member.phone, member.phone_ok),
            "since": since,
            "address_kept": self.hides_address,
        }

    def _reach(self) -> dict[str, forms.Field]:
        return {
            "mobile": PhoneField(label=gettext_lazy("Mobile")),
            "email": EmailField(label=gettext_lazy("Email"), known=self.member.email),
            "phone": PhoneField(label=gettext_lazy("Other phone")),
        }

    def _who(self, today: date) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {
            "first_name": PlainField(label=gettext_lazy("First name"), max_length=120),
            "last_name": PlainField(label=gettext_lazy("Last name"), max_length=120),
            "gender": forms.ChoiceField(label=gettext_lazy("Gender"), choices=Gender.choices, required=False),
            "language": forms.ChoiceField(
                label=gettext_lazy("Language"), choices=language_choices(self.member.language), required=False
            ),
        }
        if self.member.birth_on is None:
            fields["birth"] = BirthField(
                label=gettext_lazy("Born"), help_text=gettext_lazy("dd.mm.yyyy, or only the year"), today=today
            )
        return fields

    def _where(self) -> dict[str, forms.Field]:
        return {
            "care_of": PlainField(label=gettext_lazy("c/o"), max_length=120),
            "street": PlainField(label=gettext_lazy("Address"), max_length=200),
            "postal_code": PlainField(
                label=gettext_lazy("Postal code"),
                max_length=12,
                widget=forms.TextInput(attrs={"class": "ds-input", "size": "6", "inputmode": "numeric"}),
            ),
            "city": PlainField(label=gettext_lazy("Town"), max_length=80),
        }

    @property
    def sections(self) -> list[tuple[str, Any, list[forms.BoundField]]]:
        """The form's parts, in order."""
        return [(key, title, [self[name] for name in names if name in self.fields]) for key, title, names in _SECTIONS]

    def clean_mobile(self) -> Number:
        """One that can be dialled, or none: it is the way in here. What stood there already is no worse than it was."""
        number: Number = self.cleaned_data["mobile"]
        if number.text and not number.ok and number.text != self.member.mobile:
            raise ValidationError(
                _("Write the number with eight digits, or with + and the code of the country in front.")
            )
        return number

    def clean_birth(self) -> Birth:
        """The year that is known stands: one signs in by it."""
        born: Birth = self.cleaned_data["birth"]
        if self.member.birth_year and born.year != self.member.birth_year:
            raise ValidationError(
                _("We have %(year)s as the year you were born. Is it wrong? Ask for a correction.")
                % {"year": self.member.birth_year}
            )
        return born

    def clean(self) -> dict[str, Any]:
        """A member has a name."""
        cleaned = super().clean() or {}
        named = cleaned.get("first_name") or cleaned.get("last_name")
        if not named and not self.errors and self.member.full_name:
            self.add_error("last_name", _("Write the name."))
        if self._replaces_address and not (cleaned.get("street") and cleaned.get("postal_code")):
            missing = "postal_code" if cleaned.get("street") else "street"
            self.add_error(missing, _("Write the whole new address, with the postal code."))
        return cleaned

    @property
    def _replaces_address(self) -> bool:
        """Whether an address was written where none was shown: it stands instead of all of the old one."""
        return self.hides_address and any(self.cleaned_data.get(name) for name in ADDRESS)

    @property
    def values(self) -> dict[str, Any]:
        """Column → value, of what the form speaks of."""
        cleaned = self.cleaned_data
        kept = ADDRESS if self.hides_address and not self._replaces_address else ()
        found: dict[str, Any] = {name: cleaned[name] for name in _PLAIN if name not in kept}
        found["mobile"], found["mobile_ok"] = cleaned["mobile"]
        found["phone"], found["phone_ok"] = cleaned["phone"]
        if "birth" in cleaned:
            found["birth_on"], found["birth_year"] = cleaned["birth"]
        return found

    def typed(self, columns: Iterable[str]) -> dict[str, Any]:
        """What was typed in the fields of these columns, as text, for the form that comes after."""
        wanted = set(columns)
        return {name: self[name].data for name in self.fields if name not in _HIDDEN and wanted & {*columns_of(name)}}
