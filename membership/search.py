"""Finding members by what one remembers of them, anywhere in a name, at any size (docs/decisions/0005-search.md)."""

from __future__ import annotations

from typing import Final

from django.db import connection
from django.db.models import F
from django.db.models.expressions import RawSQL

from common.text import search_terms
from membership.models import Branch, Member, MemberQuerySet

# Among so few, reading each one's text along the list's own index takes no time worth asking about.
READ: Final = 2_500
# The most that are read one by one for a single letter, which is no trigram.
WALKED: Final = 20_000
# A word that more people have is found soonest by walking: the first page is full after a few of them.
COMMON: Final = 50_000

_INDEX: Final = "membership_member_search"
# Fixed text of ours; what was typed is a parameter.
_FOUND: Final = f"SELECT rowid FROM {_INDEX} WHERE search_text MATCH %s"  # noqa: S608
_HOW_MANY: Final = f"SELECT COUNT(*) FROM ({_FOUND} LIMIT %s)"  # noqa: S608


def find(branch: Branch, q: str, *, people: int) -> MemberQuerySet:
    """Those of a branch and the branches under it whose text holds every word of `q`; everybody where it has no word.

    `people` is how many rows the register has there, of any status. A word of three letters or more is found anywhere
    in a word, a shorter one where a word begins.
    """
    terms = search_terms(q)
    if connection.vendor != "sqlite" or people <= READ or not terms:
        return _reading(branch.members, terms)
    indexed = [term for term in terms if len(term) > 1]
    if not indexed:
        return _reading(_first(branch) if people > WALKED else branch.members, terms)
    match = " ".join(_quoted(_needle(term)) for term in indexed)
    if _hits(match, at_most=min(people, COMMON)) is None:
        return _reading(branch.members, terms)
    return _reading(_unindexed(branch).filter(pk__in=_by_index(match)), [term for term in terms if len(term) == 1])


def is_partial(q: str, *, people: int) -> bool:
    """Whether `find` looks only among the first of so many, because `q` is single letters."""
    terms = search_terms(q)
    return connection.vendor == "sqlite" and people > WALKED and bool(terms) and max(map(len, terms)) == 1


def _needle(term: str) -> str:
    """What to look for in `search_text`, which has a space before each word."""
    return term if len(term) > 2 else f" {term}"


def _reading(members: MemberQuerySet, terms: list[str]) -> MemberQuerySet:
    """Compare each one's text; PostgreSQL's trigram index answers the same condition. Wildcards are escaped."""
    for term in terms:
        members = members.filter(search_text__contains=_needle(term))
    return members


def _first(branch: Branch) -> MemberQuerySet:
    return _unindexed(branch).filter(pk__in=branch.members.current().in_order().values("pk")[:WALKED])


def _quoted(text: str) -> str:
    """A string of FTS5's query language: nothing in it is an operator."""
    return '"' + text.replace('"', '""') + '"'


def _hits(match: str, *, at_most: int) -> int | None:
    """How many the index finds; None for more than `at_most`."""
    with connection.cursor() as cursor:
        cursor.execute(_HOW_MANY, [match, at_most + 1])
        found = int(cursor.fetchone()[0])
    return found if found <= at_most else None


def _by_index(match: str) -> RawSQL:
    return RawSQL(_FOUND, [match])  # noqa: S611 - fixed text, parameters apart


def _unindexed(branch: Branch) -> MemberQuerySet:
    """The branch's members, by a condition that no index answers.

    SQLite cannot know how few are found, and would walk the whole branch in the list's order to look for them.
    """
    ((column, pk),) = branch.scope_of().items()
    return Member.objects.shown().alias(scope=F(column) + 0).filter(scope=pk)
