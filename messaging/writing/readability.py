"""How heavy a text is to read: LIX, as schools and newspapers in Norway reckon it, and its long sentences.

LIX is words per sentence plus the share of words of more than six letters, in per cent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from membership.extensions import Text
from messaging.writing.markdown import to_text
from messaging.writing.placeholders import WORD

LONG_SENTENCE: Final = 25
_LONG_WORD: Final = 6
# Fewer words say nothing about how a text reads.
_FEWEST: Final = 30
_SHOWN: Final = 3

_ADDRESS: Final = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+")
_WORDS: Final = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d[\d.,:]*\d|\d")
# A sentence ends before a capital letter: neither in “kl. 18” nor in “20. november”.
_ENDS: Final = re.compile(r"[.!?:…][\"'”»)]*\s+(?=[\"'“«(–-]*\s*[^\W\d_a-zæøåáčđŋšŧž])|\n+")
# After these a capital letter begins no sentence.
_SHORT: Final = re.compile(r"\b(?:kl|ca|nr|bl\.a|f\.eks|tlf|dr|st|jf|evt|inkl|m\.m|mv|osv)\.$", re.IGNORECASE)

_LEVELS: Final[tuple[tuple[int, Text], ...]] = (
    (30, _("very easy to read")),
    (40, _("easy to read")),
    (50, _("rather heavy, like a newspaper article")),
    (60, _("heavy, like an official letter")),
    (1000, _("very heavy, like a law")),
)


@dataclass(frozen=True, slots=True)
class LongSentence:
    """How it begins, and how many words it has."""

    beginning: str
    words: int


@dataclass(frozen=True, slots=True)
class Readability:
    """What is said about a text; `lix` is 0 where it is too short to tell."""

    lix: int
    words: int
    long_sentences: list[LongSentence]

    @property
    def level(self) -> Text:
        """The number in plain words."""
        return next(text for most, text in _LEVELS if self.lix < most)


def read(body: str) -> Readability:
    """Measure a text in Markdown. A placeholder counts as one word, an address as none."""
    plain = _ADDRESS.sub(" ", to_text(WORD.sub("Navn", body)))
    sentences = [words for sentence in _sentences(plain) if (words := _WORDS.findall(sentence))]
    words = [word for sentence in sentences for word in sentence]
    long_sentences = [
        LongSentence(" ".join(sentence[:6]), len(sentence)) for sentence in sentences if len(sentence) > LONG_SENTENCE
    ]
    lix = 0
    if len(words) >= _FEWEST:
        long_words = sum(len(word) > _LONG_WORD for word in words if not word[0].isdigit())
        lix = min(999, round(len(words) / len(sentences) + 100 * long_words / len(words)))
    return Readability(lix, len(words), long_sentences[:_SHOWN])


def _sentences(text: str) -> list[str]:
    made, at = [], 0
    for found in _ENDS.finditer(text):
        sentence = text[at : found.start() + 1]
        if not _SHORT.search(sentence):
            made.append(sentence)
            at = found.end()
    return [*made, text[at:]]
