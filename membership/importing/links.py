"""What a row points to by name or number: the county's groups, and the member who recruited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from membership.importing.places import Places
from membership.importing.problems import Problem, Severity
from membership.models import Member, Tag

if TYPE_CHECKING:
    from membership.importing.compare import Match


class Links:
    """Ties one chunk's rows to groups and recruiters; at most three queries, none where no row names any."""

    def __init__(self, matches: Sequence[Match], places: Places) -> None:
        self._places = places
        self._naming = [match for match in matches if match.goes_in and "tags" in match.row.values]
        self._recruited = [match for match in matches if match.goes_in and "recruiter_number" in match.row.values]

    def tie(self) -> None:
        """Set what differs from the register. What cannot be found is said, and left as it is."""
        self._tie_tags()
        self._tie_recruiters()

    def _tie_tags(self) -> None:
        if not self._naming:
            return
        tags = {tag.name: tag.pk for tag in Tag.objects.filter(county=self._places.branch.root_id)}
        held = self._tags_held()
        for match in self._naming:
            found, unknown = _named(match.row.values["tags"], tags)
            for name in unknown:
                _say(match, _("We know no group called “%(name)s”.") % {"name": name[:60]}, name)
            wanted = frozenset(found)
            if found and wanted != held.get(match.member.pk if match.member else 0, frozenset()):
                match.tags = wanted

    def _tags_held(self) -> dict[int, frozenset[int]]:
        members = [match.member.pk for match in self._naming if match.member]
        held: dict[int, set[int]] = {}
        through = Member.tags.through.objects.filter(member_id__in=members)
        for member, tag in through.values_list("member_id", "tag_id"):
            held.setdefault(member, set()).add(tag)
        return {member: frozenset(ids) for member, ids in held.items()}

    def _tie_recruiters(self) -> None:
        if not self._recruited:
            return
        numbers = {match.row.values["recruiter_number"] for match in self._recruited}
        # Within the officer's own branches: whether a number is somebody's elsewhere, a file is not told.
        found = Member.objects.shown().filter(member_number__in=numbers, **self._places.scope)
        known: dict[str, int] = dict(found.values_list("member_number", "pk"))
        for match in self._recruited:
            number = match.row.values["recruiter_number"]
            recruiter = known.get(number)
            if recruiter is None:
                _say(match, _("We know no recruiter with this member number."), number)
            elif match.member is None or match.member.recruited_by_id != recruiter:
                match.changes["recruited_by_id"] = recruiter


def _named(lines: Iterable[str], tags: dict[str, int]) -> tuple[list[int], list[str]]:
    """The ids of the groups that lines name, and the names nobody knows. A whole line before its parts."""
    found: list[int] = []
    unknown: list[str] = []
    for line in lines:
        names = [line] if line in tags else [part for raw in line.split(";") if (part := raw.strip())]
        for name in names:
            if name in tags:
                found.append(tags[name])
            else:
                unknown.append(name)
    return found, unknown


def _say(match: Match, what: str, typed: Any) -> None:
    outcome = _("The row goes in without it.")
    match.row.problems.append(Problem(match.row.number, "", what, outcome, Severity.PROBLEM, str(typed)[:60]))
