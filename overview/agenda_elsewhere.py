"""What the apps beside this one have to put on the first page: read from the one registry, nothing is imported."""

from __future__ import annotations

from datetime import date

from accounts.models import User
from membership.access import Access
from membership.extensions import Todo, registry
from membership.models import Branch
from overview.agenda_item import Item


def elsewhere(branch: Branch, user: User, access: Access, today: date) -> tuple[list[Item], list[Item]]:
    """What is urgent, and what can wait its turn; of those sources whose right the user holds."""
    found = [
        todo for source in registry.todos if source.permission in access for todo in source.items(branch, user, today)
    ]
    urgent = [_item(todo, level="danger") for todo in found if todo.is_urgent]
    return urgent, [_item(todo) for todo in found if not todo.is_urgent]


def _item(todo: Todo, *, level: str = "") -> Item:
    return Item(todo.icon, str(todo.title), str(todo.text), str(todo.button), todo.url, level=level)
