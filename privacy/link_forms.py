"""The two fields that members without a password fill in: where they are reached, and what the message does not say."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import QueryDict
from django.utils.translation import gettext_lazy, ngettext

from common.phone import parse_phone
from messaging.enums import Channel
from privacy.post import Address

_LONGEST_ADDRESS: Final = 254
_LONGEST_PROOF: Final = 40
_ADDRESS: Final = gettext_lazy("Write your email address, or your mobile number with eight digits.")
_PROOF: Final = gettext_lazy("Write the year you were born with four digits, or your member number.")


def _typed(post: QueryDict, name: str, longest: int) -> dict[str, str]:
    """A little more than there is room for, so that it is refused, and not sent back a megabyte long."""
    return {name: post.get(name, "")[: longest + 1]}


class AskForm(forms.Form):
    """Email or mobile number."""

    address = forms.CharField(
        label=gettext_lazy("Email or mobile number"),
        max_length=_LONGEST_ADDRESS,
        widget=forms.TextInput(
            attrs={"class": "ds-input", "autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, post: QueryDict | None = None) -> None:
        super().__init__(None if post is None else _typed(post, "address", _LONGEST_ADDRESS))
        _say(self.fields["address"], _ADDRESS)

    def clean_address(self) -> Address:
        """The channel and the address as the register has it."""
        text = self.cleaned_data["address"]
        if not text.isprintable():
            raise ValidationError(_ADDRESS)
        if "@" not in text:
            phone = parse_phone(text)
            if not phone.e164 or not phone.mobile:
                raise ValidationError(_ADDRESS)
            return Channel.SMS, phone.e164
        try:
            validate_email(text)
        except ValidationError:
            raise ValidationError(_ADDRESS) from None
        return Channel.EMAIL, text.lower()


class ProofForm(forms.Form):
    """Year of birth or member number: whoever only reads the message knows neither."""

    proof = forms.CharField(
        label=gettext_lazy("Year of birth or member number"),
        help_text=gettext_lazy("So that nobody else can use the link. Several may share an address."),
        max_length=_LONGEST_PROOF,
        widget=forms.TextInput(attrs={"class": "ds-input", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, post: QueryDict | None = None) -> None:
        super().__init__(None if post is None else _typed(post, "proof", _LONGEST_PROOF))
        _say(self.fields["proof"], _PROOF)

    def clean_proof(self) -> str:
        """What was typed, if a person typed it."""
        text: str = self.cleaned_data["proof"]
        if not text.isprintable():
            raise ValidationError(_PROOF)
        return text

    def refuse(self, left: int) -> None:
        """Say that it does not fit, and how many tries there are; nothing of whom the link is for."""
        text = ngettext(
            "That is not what we have. Try the other of the two. You have one try left.",
            "That is not what we have. Try the other of the two. You have %(n)s tries left.",
            left,
        )
        self.add_error("proof", text % {"n": left})


def _say(field: Any, text: Any) -> None:
    field.error_messages = field.error_messages | {"required": text, "null_characters_not_allowed": text}
    for validator in field.validators:
        if hasattr(validator, "limit_value") or hasattr(validator, "code"):
            validator.message = text
