"""The form of one member, for changing it and for registering a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from common.fields import NorwegianDateField
from membership.enums import AddressProtection, Category, Gender, MemberSource
from membership.extensions import Text
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
from membership.member_sections import Section
from membership.member_words import language_choices
from membership.models import Branch, Member, MemberChange, Tag
from membership.models.member import GONE

ADDRESS: Final = ("care_of", "street", "postal_code", "city")
CHANNELS: Final = ("no_email", "no_sms", "no_phone", "no_post")
PURPOSES: Final = ("no_newsletter", "no_meetings", "no_surveys", "no_recruitment")
# “Leave it as it is”: which of the two kinds it is, the form does not show.
KEEP: Final = "keep"
NOT_PROTECTED: Final = "none"
# Fields of the form that stand in columns of other names.
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "birth": ("birth_on", "birth_year"),
    "mobile": ("mobile", "mobile_ok"),
    "phone": ("phone", "phone_ok"),
    "protection": ("address_protection",),
    "recruiter": ("recruited_by_id",),
}


def columns_of(field: str) -> tuple[str, ...]:
    """The columns that a field of the form fills."""
    return _COLUMNS.get(field, (field,))


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who has the form in hand: what of a member is shown, and may be changed."""

    branch: Branch
    today: date
    sees_notes: bool
    opens_protected: bool

    @property
    def groups(self) -> list[tuple[str, str]]:
        """The county's groups, to be ticked."""
        tags = Tag.objects.filter(county_id=self.branch.root_id).order_by("name", "id")
        return [(str(tag.pk), tag.name) for tag in tags]

    def sees(self, member: Member) -> bool:
        """Whether a member belongs to the branch one works in, and has not left."""
        return member.status not in GONE and all(
            getattr(member, column) == pk for column, pk in self.branch.scope_of().items()
        )


class MemberForm(CleanForm):
    """Everything an officer may write of a member. What is not a field here cannot be changed by it."""

    since = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    note_was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    # There only where the address was shown: empty fields then mean that it is to go.
    address_shown = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        viewer: Viewer,
        member: Member | None = None,
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        """`typed`: what was typed in a form that was overtaken, to stand in this one instead of what is stored."""
        self.viewer, self.member = viewer, member or Member(address_protection="")
        self.hides_address = self.member.address_hidden
        self.address_set_aside = self.hides_address and data is not None and bool(data.get("address_shown"))
        if data is not None and self.address_set_aside:
            data = _without_address(data)
        super().__init__(data)
        self.initial = {**self._stored(), **(typed or {})}
        self.fields.update(self._person())
        self.fields.update(self._contact())
        self.fields.update(self._membership())
        self.fields.update(self._wishes())
        if not viewer.sees_notes:
            del self.fields["note"]
            del self.fields["note_was"]

    # --- Fields ------------------------------------------------------------------------------------------------------

    def _person(self) -> dict[str, forms.Field]:
        member = self.member
        return {
            "first_name": PlainField(label=gettext_lazy("First name"), max_length=120),
            "last_name": PlainField(label=gettext_lazy("Last name"), max_length=120),
            "birth": BirthField(
                label=gettext_lazy("Born"),
                help_text=gettext_lazy("dd.mm.yyyy, or only the year"),
                today=self.viewer.today,
            ),
            "gender": _choice(gettext_lazy("Gender"), Gender.choices),
            "language": _choice(gettext_lazy("Language"), language_choices(member.language)),
            "guardian_name": PlainField(
                label=gettext_lazy("Guardian who has consented"),
                help_text=gettext_lazy("Needed for members under 15."),
                max_length=120,
            ),
            "guardian_consent_on": NorwegianDateField(
                label=gettext_lazy("Date of the consent"), help_text=gettext_lazy("dd.mm.yyyy"), required=False
            ),
        }

    def _contact(self) -> dict[str, forms.Field]:
        return {
            "mobile": PhoneField(label=gettext_lazy("Mobile")),
            "phone": PhoneField(label=gettext_lazy("Other phone")),
            "email": EmailField(label=gettext_lazy("Email"), known=self.member.email),
            "care_of": PlainField(label=gettext_lazy("c/o"), max_length=120),
            "street": PlainField(label=gettext_lazy("Address"), max_length=200),
            "postal_code": PlainField(
                label=gettext_lazy("Postal code"),
                max_length=12,
                widget=forms.TextInput(attrs={"class": "ds-input", "autocomplete": "off", "size": "6"}),
            ),
            "city": PlainField(label=gettext_lazy("Town"), max_length=80),
            "protection": _choice(gettext_lazy("Is the address protected?"), self._protections()),
        }

    def _membership(self) -> dict[str, forms.Field]:
        return {
            "joined_on": NorwegianDateField(
                label=gettext_lazy("Joined"), help_text=gettext_lazy("dd.mm.yyyy"), required=False
            ),
            "category": _choice(gettext_lazy("Category"), Category.choices, required=True),
            "source": _choice(gettext_lazy("How they joined"), [("", "–"), *MemberSource.choices]),
            "recruited_by_text": PlainField(label=gettext_lazy("Recruited by"), max_length=120),
            "recruiter": PlainField(
                label=gettext_lazy("Recruiter’s member number"),
                help_text=gettext_lazy("If the recruiter is a member here."),
                max_length=32,
            ),
            "skills": LinesField(label=gettext_lazy("Can contribute"), max_length=2000),
            "tags": forms.MultipleChoiceField(
                label=gettext_lazy("Groups"),
                choices=self.viewer.groups,
                required=False,
                widget=forms.CheckboxSelectMultiple(attrs={"class": "ds-input"}),
            ),
        }

    def _wishes(self) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {
            name: forms.BooleanField(
                label=label, required=False, widget=forms.CheckboxInput(attrs={"class": "ds-input"})
            )
            for name, label in _WISHES.items()
        }
        fields["fundraising_consent_on"] = NorwegianDateField(
            label=gettext_lazy("Said yes to being asked for gifts"),
            help_text=gettext_lazy("The date. Empty means that the member is not asked."),
            required=False,
        )
        fields["note"] = LinesField(
            label=pgettext_lazy("field", "Note"),
            help_text=gettext_lazy("Callers do not see it. The member can ask to read it."),
            max_length=4000,
        )
        return fields

    def _protections(self) -> list[tuple[str, Text]]:
        kinds = [
            (AddressProtection.CONFIDENTIAL.value, gettext_lazy("Protected, confidential: not shown to anyone")),
            (
                AddressProtection.STRICT.value,
                gettext_lazy("Protected, strictly: not shown, and never on call lists or in files"),
            ),
        ]
        if not self.hides_address:
            return [(NOT_PROTECTED, gettext_lazy("No")), *kinds]
        lifted = [(NOT_PROTECTED, gettext_lazy("No longer protected"))] if self.viewer.opens_protected else []
        return [(KEEP, gettext_lazy("Yes, as before")), *kinds, *lifted]

    # --- What stands in it -------------------------------------------------------------------------------------------

    def _stored(self) -> dict[str, Any]:
        member, since = self.member, 0
        if member.pk and not self.is_bound:
            # The number first: what is changed between the two is then told as a change, not lost.
            since = MemberChange.objects.newest_of(member.pk)
            member.refresh_from_db()
            self.hides_address = member.address_hidden
        shown: dict[str, Any] = {name: getattr(member, name) for name in _AS_STORED}
        shown |= {
            "birth": Birth(member.birth_on, member.birth_year),
            "mobile": Number(member.mobile, member.mobile_ok),
            "phone": Number(member.phone, member.phone_ok),
            "protection": KEEP if self.hides_address else NOT_PROTECTED,
            "recruiter": self._recruiter_number(),
            "tags": [str(pk) for pk in sorted(self.tag_ids_stored())],
            "note_was": _digest(member.note),
        }
        if not self.hides_address:
            shown |= {name: getattr(member, name) for name in ADDRESS} | {"address_shown": "True"}
        return shown | {"since": since}

    def tag_ids_stored(self) -> frozenset[int]:
        """The groups the member is in now."""
        if not self.member.pk:
            return frozenset()
        return frozenset(self.member.tags.order_by("pk").values_list("pk", flat=True))

    def _recruiter_number(self) -> str:
        recruiter = self.member.recruited_by
        return recruiter.member_number if recruiter and self.viewer.sees(recruiter) else ""

    @property
    def sections(self) -> list[Section]:
        """The form's parts, in order."""
        address = _("The address is protected and is not shown. Write a new one only if it has changed.")
        explained = {"address": address} if self.hides_address else {}
        explained["wishes"] = _("Notices of the member’s own dues, and formal calls to meetings, are sent in any case.")
        return [
            Section(key, title, [self[name] for name in names if name in self.fields], explained.get(key, ""))
            for key, title, names in _SECTIONS
            if any(name in self.fields for name in names)
        ]

    # --- What was typed ----------------------------------------------------------------------------------------------

    def clean_guardian_consent_on(self) -> date | None:
        """Not in the future."""
        return self._past("guardian_consent_on")

    def clean_joined_on(self) -> date | None:
        """Not in the future."""
        return self._past("joined_on")

    def clean_fundraising_consent_on(self) -> date | None:
        """Not in the future."""
        return self._past("fundraising_consent_on")

    def _past(self, name: str) -> date | None:
        day: date | None = self.cleaned_data.get(name)
        if day and day > self.viewer.today:
            raise ValidationError(_("The date is in the future."))
        return day

    def clean_recruiter(self) -> Member | None:
        """A member of the branch one works in; of others nothing is told."""
        number = self.cleaned_data["recruiter"]
        if not number:
            return None
        found = self.viewer.branch.members.filter(member_number=number).exclude(pk=self.member.pk).first()
        if found is None:
            raise ValidationError(_("No member here has this number. Write the recruiter’s name instead."))
        return found

    def clean(self) -> dict[str, Any]:
        """A member has a name."""
        cleaned = super().clean() or {}
        named = cleaned.get("first_name") or cleaned.get("last_name")
        if not named and not self.errors and (self.member.pk is None or self.member.full_name):
            self.add_error("last_name", _("Write the name."))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """Column → value, of what the form may speak of."""
        cleaned = self.cleaned_data
        found: dict[str, Any] = {str(name): cleaned[name] for name in _AS_STORED if name in cleaned}
        found["birth_on"], found["birth_year"] = cleaned["birth"]
        found["mobile"], found["mobile_ok"] = cleaned["mobile"]
        found["phone"], found["phone_ok"] = cleaned["phone"]
        if cleaned["protection"] not in {KEEP, ""}:
            found["address_protection"] = cleaned["protection"].replace(NOT_PROTECTED, "")
        recruiter = cleaned["recruiter"]
        if recruiter or self._recruiter_number() or not self.member.recruited_by_id:
            found["recruited_by_id"] = recruiter.pk if recruiter else None
        found |= self._address()
        if "note" in found and constant_time_compare(_digest(found["note"]), cleaned["note_was"]):
            del found["note"]
        return found

    def _address(self) -> dict[str, str]:
        """Where the old one was not shown, empty fields leave it alone, and a new one takes its place whole."""
        typed = {name: self.cleaned_data[name] for name in ADDRESS}
        return typed if self.cleaned_data["address_shown"] or any(typed.values()) else {}

    @property
    def tag_ids(self) -> frozenset[int]:
        """The groups that were ticked."""
        return frozenset(map(int, self.cleaned_data["tags"]))

    def typed(self, columns: Iterable[str]) -> dict[str, Any]:
        """What was typed in the fields of these columns, as text, for the form that comes after."""
        wanted = set(columns)
        return {
            name: self[name].data
            for name in self.fields
            if wanted.intersection(columns_of(name)) and name not in {"since", "note_was"}
        }

    @property
    def unreadable(self) -> list[Text]:
        """The numbers just written that were kept as typed."""
        return [
            self.fields[name].label or ""
            for name in ("mobile", "phone")
            if not self.cleaned_data[name].ok and self.cleaned_data[name].text not in {"", getattr(self.member, name)}
        ]


def _without_address(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A form made before the address was protected holds what is no longer shown, and says that it is not protected."""
    kept: Any = data
    kept = kept.copy()
    for name in (*ADDRESS, "address_shown"):
        kept[name] = ""
    if kept.get("protection") == NOT_PROTECTED:
        kept["protection"] = KEEP
    return kept  # type: ignore[no-any-return]  # a copy of what came in


def _choice(label: Any, choices: Iterable[tuple[Any, Any]], *, required: bool = False) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=list(choices), required=required)


def _digest(note: str) -> str:
    """Tells whether the note was touched, without the history keeping it."""
    return salted_hmac("membership.member_forms.note", note).hexdigest()


_WISHES: Final[Mapping[str, Any]] = {
    "no_email": gettext_lazy("Does not want email"),
    "no_sms": gettext_lazy("Does not want SMS"),
    "no_phone": gettext_lazy("Does not want calls"),
    "no_post": gettext_lazy("Does not want letters"),
    "no_newsletter": gettext_lazy("Does not want newsletters"),
    "no_meetings": gettext_lazy("Does not want invitations to meetings"),
    "no_surveys": gettext_lazy("Does not want surveys"),
    "no_recruitment": gettext_lazy("Does not want to be asked to recruit"),
}
# Columns that a field of the same name fills as they are.
_AS_STORED: Final = (
    *("first_name", "last_name", "gender", "language", "guardian_name", "guardian_consent_on", "email"),
    *("joined_on", "category", "source", "recruited_by_text", "skills", "note", "fundraising_consent_on"),
    *CHANNELS,
    *PURPOSES,
)
_SECTIONS: Final[tuple[tuple[str, Text, tuple[str, ...]], ...]] = (
    ("number", gettext_lazy("Membership"), ("member_number", "status", "branch")),
    ("contact", gettext_lazy("Phone and email"), ("mobile", "phone", "email")),
    ("person", gettext_lazy("Person"), ("first_name", "last_name", "birth", "gender", "language")),
    ("guardian", gettext_lazy("Guardian"), ("guardian_name", "guardian_consent_on")),
    ("address", gettext_lazy("Address"), (*ADDRESS, "protection")),
    (
        "joined",
        gettext_lazy("How they came"),
        ("joined_on", "category", "source", "recruited_by_text", "recruiter"),
    ),
    ("skills", gettext_lazy("Skills and groups"), ("skills", "tags")),
    ("wishes", gettext_lazy("Reservations"), (*CHANNELS, *PURPOSES, "fundraising_consent_on")),
    ("note", gettext_lazy("Internal note"), ("note",)),
)
