"""Filling large tables fast: COPY on PostgreSQL, executemany on SQLite, and the indexes made afterwards.

`bulk_create` makes and checks an object for each row: at 500,000 members with their claims it takes many times as long.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Final, TypeVar

from django.db import connection, models

T = TypeVar("T")
# A date or time stands as text: both databases read the same.
Value = str | int | None
Row = Sequence[Value]

_SQLITE_SEARCH: Final = "membership_member_search"


def day(value: date | None) -> str | None:
    """A date as both databases read it."""
    return None if value is None else value.isoformat()


def moment(value: date) -> str:
    """Nine o'clock in the morning (UTC) of a day, as both databases read it in a connection whose zone is UTC."""
    return f"{value.isoformat()} 09:00:00"


class Table:
    """One model's table, filled with rows of the fields named; fields left out get their default."""

    def __init__(self, model: type[models.Model], fields: Sequence[str]) -> None:
        own = {field.attname: field for field in model._meta.concrete_fields}
        left_out = [field for name, field in own.items() if name not in fields]
        self.name = model._meta.db_table
        self._width = len(fields)
        self._rest: tuple[Value, ...] = tuple(field.get_default() for field in left_out)
        self._columns = [str(own[name].column) for name in fields] + [str(field.column) for field in left_out]

    def fill(self, rows: Iterable[Row]) -> None:
        """Add the rows, in one go."""
        with connection.cursor() as cursor:
            columns = ", ".join(map(connection.ops.quote_name, self._columns))
            whole = (self._whole(row) for row in rows)
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {self.name} ({columns}) FROM STDIN") as copy:
                    for row in whole:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(self._columns))
                cursor.executemany(f"INSERT INTO {self.name} ({columns}) VALUES ({marks})", list(whole))  # noqa: S608

    def _whole(self, row: Row) -> tuple[Value, ...]:
        if len(row) != self._width:
            raise ValueError(f"{self.name} takes {self._width} values, not {len(row)}")
        return (*row, *self._rest)


@contextmanager
def indexes_aside(tables: Sequence[str]) -> Iterator[None]:
    """Take the tables' indexes, foreign keys and search triggers away, and make them again at the end.

    Inside a transaction: should anything fail, they are as they were.
    """
    take = _take_postgres if connection.vendor == "postgresql" else _take_sqlite
    again = [statement for table in tables for statement in take(table)]
    yield
    with connection.cursor() as cursor:
        for statement in again:
            cursor.execute(statement)


def _take(drops: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for drop in drops:
            cursor.execute(drop)


def _take_postgres(table: str) -> list[str]:
    with connection.cursor() as cursor:
        # What is deferred to the commit would forbid changing the table before it.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype IN ('f', 'u') ORDER BY contype DESC, conname",
            [table],
        )
        constraints = cursor.fetchall()
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = %s::regclass"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))"
            " ORDER BY 1",
            [table],
        )
        indexes = cursor.fetchall()
    _take(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"' for name, _definition in constraints)
    _take(f"DROP INDEX {name}" for name, _definition in indexes)
    return [
        *(definition for _name, definition in indexes),
        *(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}' for name, definition in constraints),
    ]


def _take_sqlite(table: str, kinds: Sequence[str] = ("index", "trigger")) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL ORDER BY type, name",
            [table],
        )
        found = [row for row in cursor.fetchall() if row[0] in kinds]
    _take(f'DROP {kind} "{name}"' for kind, name, _definition in found)
    return [definition for _kind, _name, definition in found]


def empty(tables: Sequence[str]) -> None:
    """Take all rows out of the tables, those that point at others first, and begin their numbering anew."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Deferred checks of rows written before forbid emptying their tables.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
            return
        # Triggers guard the ledger and follow the register row by row; the search index is made anew afterwards.
        again = [statement for table in tables for statement in _take_sqlite(table, ("trigger",))]
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        for table in tables:
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        for statement in again:
            cursor.execute(statement)


def after_filling(tables: Iterable[str]) -> None:
    """Fill the search index, let numbering go on after the last row, and tell PostgreSQL's planner what is there.

    SQLite's planner is told nothing, as nobody tells it of a register that has grown: what is measured is what runs.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Its numbering follows the rows by itself.
            cursor.execute(f"INSERT INTO {_SQLITE_SEARCH}({_SQLITE_SEARCH}) VALUES ('rebuild')")  # noqa: S608
            return
        for table in tables:
            newest = f"greatest(1, (SELECT max(id) FROM {table}))"  # noqa: S608
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {newest})")
            cursor.execute(f"ANALYZE {table}")


def chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """The rows in lists of at most `size`."""
    chunk: list[T] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
