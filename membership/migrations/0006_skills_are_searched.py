"""What a member can contribute is found by the search: those who have told it get the words among theirs."""

from typing import Any

from django.db import migrations

from common.text import search_text

_AT_ONCE = 500


def add_words(apps: Any, editor: Any) -> None:
    """As `membership.actions.members.derive` does from now on; the words come last."""
    members = apps.get_model("membership", "Member").objects.exclude(skills="").order_by("pk")
    changed = []
    for member in members.only("search_text", "skills").iterator(chunk_size=_AT_ONCE):
        member.search_text = search_text([member.search_text, member.skills])
        changed.append(member)
    members.model.objects.bulk_update(changed, ["search_text"], batch_size=_AT_ONCE)


class Migration(migrations.Migration):
    """Once; whoever is saved later has them anyway."""

    dependencies = [("membership", "0005_duplicate_indexes")]
    operations = [migrations.RunPython(add_words, migrations.RunPython.noop)]
