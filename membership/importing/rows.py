"""Rows of cells become rows of values: `read_rows(sheet, mapping, today=…, year=…)`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from membership.importing.problems import Problem


@dataclass(slots=True)
class Row:
    """One row of the file. `values` names only what the row tells: an empty cell has no key, and so changes nothing.

    Keys: member_number, first_name, last_name, gender ("K", "M", "X"), email, address, address2, postal_code, city,
    municipality, branch, fee_type, kid, office, recruited_by, note, language: str. status: a MemberStatus value.
    birth_date: date, birth_year: int (a year alone has no date). joined, left: date.
    mobile, phone2: str (E.164, or as typed) with mobile_ok, phone2_ok: bool.
    no_phone, no_sms, no_email, no_post: bool.
    paid: {"paid": bool | None, "paid_on": date | None, "paid_ore": int | None}.
    """

    number: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether the row may go in."""
        return not any(problem.stops_row for problem in self.problems)
