"""Search anywhere in a name at any size: trigrams, by FTS5 on SQLite and pg_trgm on PostgreSQL.

`search_text` has a space before each word, so “ ab” is itself a trigram: two letters find the words they begin.
"""

from typing import Any

from django.db import migrations

SQLITE = [
    """
    CREATE VIRTUAL TABLE membership_member_search USING fts5(
        search_text, content='membership_member', content_rowid='id', tokenize='trigram case_sensitive 1', detail='full'
    )
    """,
    """
    CREATE TRIGGER membership_member_search_insert AFTER INSERT ON membership_member BEGIN
        INSERT INTO membership_member_search(rowid, search_text) VALUES (new.id, new.search_text);
    END
    """,
    """
    CREATE TRIGGER membership_member_search_delete AFTER DELETE ON membership_member BEGIN
        INSERT INTO membership_member_search(membership_member_search, rowid, search_text)
        VALUES ('delete', old.id, old.search_text);
    END
    """,
    """
    CREATE TRIGGER membership_member_search_update AFTER UPDATE OF search_text ON membership_member
    WHEN old.search_text IS NOT new.search_text BEGIN
        INSERT INTO membership_member_search(membership_member_search, rowid, search_text)
        VALUES ('delete', old.id, old.search_text);
        INSERT INTO membership_member_search(rowid, search_text) VALUES (new.id, new.search_text);
    END
    """,
]
DROP_SQLITE = [
    "DROP TRIGGER membership_member_search_insert",
    "DROP TRIGGER membership_member_search_delete",
    "DROP TRIGGER membership_member_search_update",
    "DROP TABLE membership_member_search",
]
POSTGRES = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX membership_member_search ON membership_member USING gin (search_text gin_trgm_ops)",
]
DROP_POSTGRES = ["DROP INDEX membership_member_search"]


def forward(apps: Any, editor: Any) -> None:
    """Make the index."""
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRES:
        editor.execute(statement)


def backward(apps: Any, editor: Any) -> None:
    """Drop it."""
    for statement in DROP_SQLITE if editor.connection.vendor == "sqlite" else DROP_POSTGRES:
        editor.execute(statement)


class Migration(migrations.Migration):
    """The index on both databases."""

    dependencies = [("membership", "0001_initial")]
    operations = [migrations.RunPython(forward, backward)]
