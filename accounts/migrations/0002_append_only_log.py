"""The log is append-only in the database too: no update ever, no delete before the line's own date."""

from typing import Any

from django.db import migrations

SQLITE = [
    """
    CREATE TRIGGER accounts_auditevent_no_update BEFORE UPDATE ON accounts_auditevent
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
    """,
    """
    CREATE TRIGGER accounts_auditevent_no_delete BEFORE DELETE ON accounts_auditevent
    WHEN OLD.erase_on > date('now')
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
    """,
]
POSTGRES = [
    """
    CREATE FUNCTION accounts_auditevent_refuse() RETURNS trigger AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.erase_on <= current_date THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION 'the audit log is append-only';
    END $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER accounts_auditevent_append_only BEFORE UPDATE OR DELETE ON accounts_auditevent
    FOR EACH ROW EXECUTE FUNCTION accounts_auditevent_refuse()
    """,
]
DROP_SQLITE = ["DROP TRIGGER accounts_auditevent_no_update", "DROP TRIGGER accounts_auditevent_no_delete"]
DROP_POSTGRES = [
    "DROP TRIGGER accounts_auditevent_append_only ON accounts_auditevent",
    "DROP FUNCTION accounts_auditevent_refuse()",
]


def _run(editor: Any, sqlite: list[str], postgres: list[str]) -> None:
    for statement in sqlite if editor.connection.vendor == "sqlite" else postgres:
        editor.execute(statement)


def forward(apps: Any, editor: Any) -> None:
    """Make the triggers."""
    _run(editor, SQLITE, POSTGRES)


def backward(apps: Any, editor: Any) -> None:
    """Drop them."""
    _run(editor, DROP_SQLITE, DROP_POSTGRES)


class Migration(migrations.Migration):
    """Triggers on both databases."""

    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(forward, backward)]
