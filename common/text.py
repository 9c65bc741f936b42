"""Text at the door, and the stored keys that lists are sorted and searched by.

Nothing here needs a database collation: a sort key is plain lower-case ASCII letters and digits, so that SQLite and
PostgreSQL (whatever its locale) compare it the same way.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

SORT_KEY_LENGTH: Final = 120
_LAST_NAME_LENGTH: Final = 80
MAX_TERMS: Final = 6
MAX_TERM_LENGTH: Final = 40

# Controls (white space apart), soft hyphen, zero-width space, joiner and no-break space, direction marks and
# overrides, lone surrogates, two codes that are no characters. U+200C and U+200D stay: Persian and several Indian
# scripts need them.
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff"
    "\ufffe\uffff]"
)
_APOSTROPHES: Final = "'’‘ʼ`´"

# Letters that Unicode does not take apart into a base letter and an accent.
_SOLID_LETTERS: Final = {
    "đ": "d",
    "ð": "d",
    "ŋ": "n",
    "ŧ": "t",
    "ł": "l",
    "ħ": "h",
    "ı": "i",
    "ǥ": "g",
    "ɡ": "g",
    "þ": "th",
    "ß": "ss",
    "ʒ": "z",
    "ĸ": "k",
    "ə": "e",
}
_SLUG_LETTERS: Final = {
    **_SOLID_LETTERS,
    "æ": "ae",
    "ä": "a",
    "ø": "o",
    "ö": "o",
    "å": "a",
    "œ": "oe",
}


def clean(value: str) -> str:
    """Return the text as one line in NFC, without control characters, trimmed, each run of white space one space."""
    if not value.isascii() or not value.isprintable():
        value = unicodedata.normalize("NFC", _UNWANTED.sub("", value))
    return " ".join(value.split())


def clean_lines(value: str) -> str:
    """Clean a text of several lines: each as `clean` does it, one empty line in a row at most, none at the ends."""
    lines: list[str] = []
    for line in value.splitlines():
        cleaned = clean(line)
        if cleaned or (lines and lines[-1]):
            lines.append(cleaned)
    return "\n".join(lines).strip("\n")


def _base_letters(character: str) -> str:
    """Take the accents off one character; letters Unicode does not take apart come from our table."""
    decomposed = unicodedata.normalize("NFKD", character)
    letters = "".join(part for part in decomposed if not unicodedata.category(part).startswith("M"))
    return "".join(_SOLID_LETTERS.get(letter, letter) for letter in letters.casefold())


class _Letters(dict[int, str]):
    """What each character becomes, worked out when it is first met, for `str.translate`."""

    _KEPT: Final = 5_000

    def __init__(self, own: dict[str, str], work_out: Callable[[str], str]) -> None:
        super().__init__({ord(character): result for character, result in own.items()})
        self._work_out = work_out

    def __missing__(self, code: int) -> str:
        result = self._work_out(chr(code))
        if len(self) < self._KEPT:
            self[code] = result
        return result


def _sort_unit(letter: str) -> str:
    """One base letter, digit or sign as sorting ASCII. No unit is the beginning of another, so order is kept."""
    if "a" <= letter <= "y":
        return letter
    if letter == "z":
        return "za"
    if letter.isdecimal():
        return f"2{unicodedata.decimal(letter)}"
    category = unicodedata.category(letter)
    if category.startswith(("Z", "P")) or letter == " ":
        return " "
    if category.startswith(("L", "N")):
        return f"ze{ord(letter):07d}"
    return ""


# Norwegian order: a … z, æ, ø, å, then other scripts by code point. The letters that go with æ, ø, å and y are those of
# CLDR's nb; й is a letter of its own in Russian, not и with an accent.
_SORT_UNITS: Final = _Letters(
    dict.fromkeys("æäęǣǽ", "zb")
    | dict.fromkeys("øöőœǿ", "zc")
    | dict.fromkeys("åǻ", "zd")
    | dict.fromkeys("üű", "y")
    | dict.fromkeys(f".{_APOSTROPHES}", "")
    | {"й": _sort_unit("й")},
    lambda character: "".join(map(_sort_unit, _base_letters(character))),
)


def _sort_words(value: str) -> str:
    folded = unicodedata.normalize("NFC", value).casefold().replace("aa", "å")
    return "1".join(folded.translate(_SORT_UNITS).split())


def sort_key(last: str, first: str) -> str:
    """Return the stored key of Norwegian order: last name, then first name; ASCII [a-z0-9], at most 120 long.

    æ ø å come last and aa is å; accents do not count (á = a, đ = d, ŋ = n, ü = y); a hyphen counts as a space; other
    scripts follow å. Two people whose keys are equal are put in order by id.
    """
    # "0" ends the last name and sorts before "1", the space between two words: Hansen, Per before Hansen Berg, Ola.
    return f"{_sort_words(last)[:_LAST_NAME_LENGTH]}0{_sort_words(first)}"[:SORT_KEY_LENGTH]


def _search_letter(character: str) -> str:
    if unicodedata.category(character).startswith("M"):
        return ""
    base = _base_letters(character)
    return base if base.isalnum() else " "


# What a reader types: accents off, Swedish letters as Norwegian ones, signs as spaces.
_SEARCH_LETTERS: Final = _Letters(
    dict.fromkeys("æäǣǽ", "æ")
    | dict.fromkeys("øöőǿ", "ø")
    | dict.fromkeys("åǻ", "å")
    | dict.fromkeys(_APOSTROPHES, "")
    | {"œ": "oe", "й": "й"},
    _search_letter,
)


def _fold_letters(value: str) -> str:
    folded = unicodedata.normalize("NFC", value).casefold().translate(_SEARCH_LETTERS)
    return " ".join(folded.split())


def fold(value: str) -> str:
    """Return the text as search compares it: lower case, accents off, æøå kept, aa as å, signs as single spaces."""
    return _fold_letters(value).replace("aa", "å")


def _variants(part: str) -> Iterable[str]:
    """The folded words of one text, and the other ways to type them: Isaac unfolded, Müller as Myller."""
    yield fold(part)
    lowered = unicodedata.normalize("NFC", part).casefold()
    if "aa" in lowered:
        yield _fold_letters(part)
    if "ü" in lowered:
        yield fold(lowered.replace("ü", "y"))


def search_text(parts: Iterable[str]) -> str:
    """Return what a record is found by: each folded word once, each after a space, so that " abc" is a word's start."""
    words: dict[str, None] = {}
    for part in parts:
        for variant in _variants(part):
            words.update(dict.fromkeys(variant.split()))
    return "".join(f" {word}" for word in words)


def search_terms(query: str) -> list[str]:
    """Return the folded words of a query, at most six, each at most 40 long; digits written in groups are one word."""
    query = query[:400]
    digits = re.sub(r"[\s.()/-]", "", query)
    if re.fullmatch(r"\+?\d{3,}", digits):
        # Telephone numbers are searched without the country code, as they are mostly typed.
        number = re.sub(r"^(?:\+47|0047|47(?=\d{8}$)|\+)", "", digits) or digits
        return [number[:MAX_TERM_LENGTH]]
    words = dict.fromkeys(word[:MAX_TERM_LENGTH] for word in fold(query).split())
    return list(words)[:MAX_TERMS]


def initials(name: str) -> str:
    """Return the first letters of the first and the last word, in capitals: "Áile Marie Somby" gives "ÁS"."""
    words = [word for word in clean(name).split() if word[0].isalnum()]
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0].upper()[:1] for word in ends)


def slugify_nb(value: str) -> str:
    """Return an ASCII slug as Norwegian addresses write it: "Kvænangen" gives "kvaenangen", "Tromsø" "tromso".

    Letters of other scripts than Latin are left out, so the slug may be empty.
    """
    letters = unicodedata.normalize("NFC", value).casefold()
    ascii_letters = "".join(_SLUG_LETTERS.get(letter) or _base_letters(letter) for letter in letters)
    return "-".join(re.findall(r"[a-z0-9]+", ascii_letters.replace("'", "")))
