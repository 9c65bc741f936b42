"""docs/roles.md is membership/roles.py, printed."""

from pathlib import Path

from django.utils import translation

from membership.roles import PERMISSIONS, Permission, Role

DOC = Path(__file__).parents[2] / "docs" / "roles.md"


def table() -> str:
    """Permissions down, roles across, as Markdown; the numbers of the heading are explained under it."""
    with translation.override("en"):
        roles = list(Role)
        lines = [
            "# Who may do what",
            "",
            "`membership/roles.py`, printed; a test keeps the two alike. A role holds in its branch and all under it.",
            "",
            "| right | " + " | ".join(str(number) for number, _ in enumerate(roles, 1)) + " |",
            "|---|" + "---|" * len(roles),
        ]
        for permission in Permission:
            cells = ["x" if permission in PERMISSIONS[role] else "" for role in roles]
            lines.append(f"| {permission.label} (`{permission}`) | " + " | ".join(cells) + " |")
        lines.append("")
        lines.extend(f"{number}. {role.label} (`{role}`)" for number, role in enumerate(roles, 1))
    return "\n".join(lines) + "\n"


def test_the_documented_table_is_the_table() -> None:
    assert DOC.read_text(encoding="utf-8") == table()
