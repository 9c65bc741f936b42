"""Words about a member that both the page and the forms use."""

from __future__ import annotations

from typing import Final

from django.conf.locale import LANG_INFO
from django.utils.text import capfirst
from django.utils.translation import get_language_info, gettext_lazy

_NAMES: Final = {
    # Django has no translation of its own name for it.
    "nb": gettext_lazy("Norwegian (Bokmål)"),
    "se": gettext_lazy("Northern Sámi"),
    "sma": gettext_lazy("Southern Sámi"),
    "smj": gettext_lazy("Lule Sámi"),
    "fkv": gettext_lazy("Kven"),
    "so": gettext_lazy("Somali"),
    "ti": gettext_lazy("Tigrinya"),
}
# What a form offers; another that stands in the record is offered too.
LANGUAGES: Final = ("nb", "nn", "se", "en", "sma", "smj", "fkv", "ar", "so", "ti", "uk", "pl", "fa")


def language_name(code: str) -> str:
    """The language's name; a word that is no code stands as it came."""
    if code in _NAMES:
        return str(_NAMES[code])
    return capfirst(get_language_info(code)["name_translated"]) if code in LANG_INFO else code


def language_choices(present: str) -> list[tuple[str, str]]:
    """The languages to choose from, with the one that stands there already."""
    codes = [*LANGUAGES, *([present] if present and present not in LANGUAGES else [])]
    return [("", "–"), *((code, language_name(code)) for code in codes)]
