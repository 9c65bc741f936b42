"""How many SMS a text is; smsutil, which others wrote, is the oracle."""

from __future__ import annotations

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from messaging.writing.segments import LOOK_ALIKES, count, swapped

# Letters from both alphabets, pairs of both kinds, and lengths about the limits.
_LETTERS = st.sampled_from("abæøåÆØÅ €[]{}~^\\|\fáčđŋšž–“”«»\u00a0😀👍é\n\t")
_TEXTS = st.one_of(
    st.text(_LETTERS, max_size=400),
    st.text(st.sampled_from("aø€{"), min_size=140, max_size=330),
    st.text(st.sampled_from("aš😀"), min_size=55, max_size=150),
    # The escape itself is no letter; smsutil takes it for one.
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1b"), max_size=300),
)


@given(_TEXTS)
def test_parts_and_alphabet_are_those_of_smsutil(text: str) -> None:
    theirs = smsutil.split(text)
    ours = count(text)
    # An empty text is one empty part to smsutil, and no SMS to us.
    assert ours.parts == (len(theirs.parts) if text else 0)
    assert ours.unicode == bool(text and not smsutil.is_valid_gsm(text))
    assert ours.units == sum(ours.filled)
    assert all(filled <= ours.per_part for filled in ours.filled)


@pytest.mark.parametrize(
    ("text", "parts", "units", "per_part"),
    [
        ("a" * 160, 1, 160, 160),
        ("a" * 161, 2, 161, 153),
        ("a" * 306, 2, 306, 153),
        ("a" * 307, 3, 307, 153),
        ("€" * 80, 1, 160, 160),
        ("æøåÆØÅäöüñéèùìòÇ£¥§¤É", 1, 21, 160),
        ("á" * 70, 1, 70, 70),
        ("á" * 71, 2, 71, 67),
        ("á" * 135, 3, 135, 67),
        ("😀" * 35, 1, 70, 70),
    ],
)
def test_limits(text: str, parts: int, units: int, per_part: int) -> None:
    found = count(text)
    assert (found.parts, found.units, found.per_part) == (parts, units, per_part)


def test_an_escape_pair_is_not_cut_in_two() -> None:
    assert count("a" * 152 + "€" + "a" * 7).filled == (152, 9)


def test_an_emoji_is_two_units_and_is_not_cut_in_two() -> None:
    assert count("á" * 66 + "😀" + "á" * 10).filled == (66, 12)


def test_nothing_is_no_sms() -> None:
    assert (count("").parts, count("").filled) == (0, ())


def test_culprits_stand_once_in_their_order() -> None:
    found = count("Kárášjohka – “ja” – Kárášjohka")
    assert found.culprits == ["á", "š", "–", "“", "”"]
    assert found.swaps == {"–": "-", "“": '"', "”": '"'}


@given(_TEXTS)
def test_each_culprit_alone_asks_for_the_wide_alphabet_and_the_rest_does_not(text: str) -> None:
    culprits = count(text).culprits
    assert all(count(letter).unicode for letter in culprits)
    assert not count("".join(letter for letter in text if letter not in culprits)).unicode


def test_every_look_alike_is_in_the_ordinary_alphabet() -> None:
    assert all(count(letter).unicode for letter in LOOK_ALIKES)
    assert not any(count(stand_in).unicode for stand_in in LOOK_ALIKES.values())


def test_swapping_leaves_letters_of_names_and_placeholders_alone() -> None:
    assert swapped("Bures {{ fornavn }} – «Kárášjohka»…") == 'Bures {{ fornavn }} - "Kárášjohka"...'


def test_only_the_letters_that_were_asked_for_are_swapped() -> None:
    assert swapped("«Møte» – i morgen", "–") == "«Møte» - i morgen"
    assert swapped("Kárášjohka", "á") == "Kárášjohka"
