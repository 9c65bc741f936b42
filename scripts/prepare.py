"""Makes the database and the static files ready for a start; run by scripts.run before the web process.

It asks the database itself what is missing, so a database that was restored, emptied or moved is brought up to date.
"""

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from scripts import prepared


def say(text: str) -> None:
    print(text, flush=True)


def migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Bringing the database up to date …")
        call_command("migrate", verbosity=0, interactive=False)


def load_demo() -> None:
    """The invented register, the first time. Production starts empty."""
    from membership.models import Branch

    if settings.DEMO and not Branch.objects.exists():
        say("Making the invented register (once, half a minute) …")
        call_command("demo", "--if-empty", verbosity=0)


def collect_static() -> None:
    target = Path(settings.STATIC_ROOT)
    stamp = target.with_name(f"{target.name}.stamp")
    state = prepared.static_state()
    if stamp.exists() and stamp.read_text() == state and (target / "staticfiles.json").exists():
        return
    say("Collecting and compressing the static files …")
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(state)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        migrate()
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)
        return 1
    except OperationalError as error:
        print(f"The database does not answer: {str(error).strip()}", file=sys.stderr)
        return 1
    collect_static()
    load_demo()
    prepared.set_prepared(Path(settings.DATA_DIR))
    return 0


if __name__ == "__main__":
    sys.exit(main())
