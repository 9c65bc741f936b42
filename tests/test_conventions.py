"""The house style, where a tool can tell. Each rule names every offender at once."""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from scripts import vendor
from scripts.check import long_files
from scripts.messages import APPS
from tests.open_views import LIBRARIES, PUBLIC, SIGNED_IN

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
HOUSE = [config.name for config in apps.get_app_configs() if Path(config.path).parent == ROOT]


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def templates() -> list[Path]:
    return sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


def expect_none(offenders: Iterable[str]) -> None:
    """Fails with every offender, a line each."""
    found = sorted(offenders)
    assert not found, "\n" + "\n".join(found)


def lines_with(paths: list[Path], pattern: str) -> list[str]:
    """Every place where a pattern is found, as path:line."""
    wanted = re.compile(pattern, re.IGNORECASE)
    return [
        f"{shown(path)}:{number}: {line.strip()[:80]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if wanted.search(line)
    ]


# --- Views ----------------------------------------------------------------------------------------------------------


def all_views() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """The name, the route and the function of every view."""

    def walk(resolver: URLResolver, namespace: str, prefix: str) -> Iterator[tuple[str, str, Callable[..., Any]]]:
        for entry in resolver.url_patterns:
            route = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                inner = ":".join(filter(None, [namespace, entry.namespace or ""]))
                yield from walk(entry, inner, route)
            elif isinstance(entry, URLPattern):
                yield ":".join(filter(None, [namespace, entry.name or ""])), route, entry.callback

    yield from walk(get_resolver(), "", "/")


def ours(view: Callable[..., Any]) -> bool:
    return not view.__module__.startswith(LIBRARIES)


def test_every_view_is_guarded_or_known_to_be_open() -> None:
    expect_none(
        f"{name} ({route})"
        for name, route, view in all_views()
        if ours(view) and not getattr(view, "guard", None) and name not in PUBLIC | SIGNED_IN
    )


def test_every_page_under_a_branch_is_guarded_by_rights_in_it() -> None:
    expect_none(
        f"{name} ({route})"
        for name, route, view in all_views()
        if route.startswith("/lag/") and not isinstance(getattr(view, "guard", None), tuple)
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(SIGNED_IN))
def test_a_stranger_is_sent_to_sign_in(name: str, client: Client) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_the_lists_of_open_views_name_no_view_that_is_gone() -> None:
    expect_none((PUBLIC | SIGNED_IN) - {name for name, _route, _view in all_views()})


def test_no_two_views_share_an_address() -> None:
    """The second would never be reached."""
    seen: dict[str, str] = {}
    offenders = []
    for name, route, view in all_views():
        shape = re.sub(r"<(\w+):\w+>", r"<\1>", route)
        if ours(view) and seen.setdefault(shape, name) != name:
            offenders.append(f"{name} and {seen[shape]} ({route})")
    expect_none(offenders)


def test_views_are_functions() -> None:
    expect_none(name for name, _route, view in all_views() if ours(view) and hasattr(view, "view_class"))


def test_views_start_from_the_branch_never_from_a_manager() -> None:
    views = [path for path in python_files(*HOUSE) if path.name == "views.py" or "views" in path.parts]
    expect_none(lines_with(views, r"\.objects\b|\b_default_manager\b"))


# --- Models ---------------------------------------------------------------------------------------------------------


def our_fields() -> Iterator[tuple[type[models.Model], models.Field[Any, Any]]]:
    for model in apps.get_models():
        if model._meta.app_label in {apps.get_app_config(name).label for name in (c.split(".")[-1] for c in HOUSE)}:
            for field in model._meta.local_concrete_fields:
                yield model, field


NAMES_OF_VALIDITY = {"valid_from", "valid_to"}
"""Said of branches and their municipal numbers, as registers of such things say it."""


def test_times_end_in_at_and_dates_in_on() -> None:
    wrong = []
    for model, field in our_fields():
        if field.name in NAMES_OF_VALIDITY | {"at", "last_login"}:
            continue
        if isinstance(field, models.DateTimeField):
            ending = "_at"
        elif isinstance(field, models.DateField):
            ending = "_on"
        else:
            continue
        if not field.name.endswith(ending):
            wrong.append(f"{model.__name__}.{field.name} must end in {ending}")
    expect_none(wrong)


def test_money_is_a_whole_number_of_ore() -> None:
    sounds_like_money = re.compile(r"amount|rate$|price|outstanding|fee$|sum$|cost")
    wrong = []
    for model, field in our_fields():
        name = f"{model.__name__}.{field.name}"
        if field.name.endswith("_ore"):
            if not isinstance(field, models.IntegerField):
                wrong.append(f"{name} is not a whole number")
        elif sounds_like_money.search(field.name) and isinstance(field, (models.IntegerField, models.DecimalField)):
            wrong.append(f"{name} must end in _ore")
    expect_none(wrong)


def test_no_model_has_an_order_of_its_own() -> None:
    ordered = [
        model.__name__
        for model in apps.get_models()
        if model.__module__.split(".")[0] in HOUSE and (model._meta.ordering or model._meta.get_latest_by)
    ]
    expect_none(ordered)


def test_no_generic_foreign_key() -> None:
    expect_none(lines_with(python_files(*HOUSE), r"GenericForeignKey|contenttypes\.fields"))


# --- Code -----------------------------------------------------------------------------------------------------------


def test_no_signals() -> None:
    signals = r"^\s*(from|import) django\S*(signals|dispatch)\b|import .*\b(signals|receiver)\b"
    expect_none(lines_with(python_files(*HOUSE), signals))


def test_no_module_named_for_nothing() -> None:
    wrong = {"utils", "helpers", "services", "mixins", "misc", "common_utils"}
    expect_none([shown(path) for path in python_files(*HOUSE) if wrong & {path.stem, *path.relative_to(ROOT).parts}])


def test_no_admin_site() -> None:
    expect_none(lines_with(python_files(*HOUSE), r"django\.contrib\.admin|django\.contrib import .*admin"))


def test_files_are_short() -> None:
    expect_none(long_files().splitlines())


def order_by_calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "order_by":
            yield node


def is_grouped(chain: ast.AST) -> bool:
    """Whether the rows are groups, which have no primary key: `.values(…).annotate(…).order_by(…)`."""
    return bool(re.search(r"\.values(_list)?\(.*\)\.annotate\(", ast.unparse(chain)))


ONE_ROW_EACH = {"dues/models.py": {"-year"}}
"""The same, where the chain is not in one piece."""


def is_settled(call: ast.Call, grouped_by: set[str]) -> bool:
    """Whether an order is the same every time: it ends in the primary key, is taken away, or is handed in."""
    if not call.args:
        return True
    if is_grouped(call.func):
        return True
    last = call.args[-1]
    if isinstance(last, (ast.Starred, ast.Name)):
        return True
    key = last.value if isinstance(last, ast.Constant) else ast.unparse(last)
    return key in grouped_by or bool(re.search(r"(^|[-_'\"(])(id|pk)\b", str(key)))


def test_every_order_ends_in_the_primary_key() -> None:
    wrong = [
        f"{shown(path)}:{call.lineno}: {ast.unparse(call)[-80:]}"
        for path in python_files(*HOUSE)
        for call in order_by_calls(path)
        if not is_settled(call, ONE_ROW_EACH.get(shown(path), set()))
    ]
    expect_none(wrong)


def test_actions_do_not_know_the_clock() -> None:
    """Time comes in as an argument; only views, tasks, commands and guards ask for it."""
    inner = {"models", "actions", "forms", "tables", "filters", "enums", "roles"}
    files = [path for path in python_files(*HOUSE) if inner & {path.stem, *path.relative_to(ROOT).parts}]
    asks = r"\btimezone\.(now|localdate)\(|\bdate\.today\(|\bdatetime\.now\(|\bclock\.(today|now)\("
    # A line in the log carries the moment it is written, and a count of “this year” is of the year it is made in: were
    # these handed down, every action would carry a clock for them.
    own = {"accounts/actions.py", "membership/actions/summaries.py"}
    expect_none(lines_with([path for path in files if shown(path) not in own], asks))


# --- Templates, CSS and JavaScript ----------------------------------------------------------------------------------


def test_templates_have_no_inline_style_or_script() -> None:
    expect_none(lines_with(templates(), r"<[^>]*\sstyle\s*=|<style\b"))
    expect_none(lines_with(templates(), r"<script(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']|javascript:"))


def test_nothing_is_fetched_from_others() -> None:
    files = templates() + [path for path in (ROOT / "static").rglob("*.*") if path.suffix in {".css", ".js", ".svg"}]
    # Namespaces of SVG, licences and links that a person opens are no requests.
    fetches = r"(\bsrc=|<link[^>]*\bhref=|url\(|@import|\bfetch\(|\bimport\()\s*[\"']?(https?:)?//"
    expect_none(lines_with([path for path in files if "vendor" not in path.parts], fetches))
    expect_none(lines_with([path for path in files if "vendor" in path.parts and path.suffix == ".css"], fetches))


POST_FORM = re.compile(r"<form\b[^>]*method=[\"']?post.*?(?:</form>|\Z)", re.DOTALL | re.IGNORECASE)


def test_every_post_form_has_its_token() -> None:
    expect_none(
        f"{shown(path)}: {form.splitlines()[0][:80]}"
        for path in templates()
        for form in POST_FORM.findall(path.read_text(encoding="utf-8"))
        if "{% csrf_token %}" not in form
    )


def named_in_sources() -> str:
    """Everything that could name a template: our Python and the templates themselves."""
    sources = [path.read_text(encoding="utf-8") for path in python_files(*HOUSE, "config", "tests")]
    return "\n".join(sources + [path.read_text(encoding="utf-8") for path in templates()])


# Django and allauth find these by name.
FOUND_BY_NAME = re.compile(r"^(\d{3}(_csrf)?\.html|account/|mfa/|usersessions/|allauth/|django/)")


def test_no_template_is_unused() -> None:
    text = named_in_sources()
    # f"membership/import_{step}.html" names every template that fits.
    patterns = [re.sub(r"\{[^}]+\}", r"\\w+", found) for found in re.findall(r'f"([\w/{}.]+\{[^"]*\.html)"', text)]
    names = [path.relative_to(ROOT / "templates").as_posix() for path in templates()]
    expect_none(
        name
        for name in names
        if not (FOUND_BY_NAME.match(name) or name in text or any(re.fullmatch(fit, name) for fit in patterns))
    )


def test_every_icon_is_fetched_and_used() -> None:
    text = named_in_sources()
    used = set(re.findall(r"{%\s*icon\s+[\"'](\w+)[\"']", text))
    listed = set(vendor.icon_names())
    expect_none(f"add {name} to scripts/icons.txt" for name in used - listed)
    assert vendor.icon_names() == sorted(listed), "scripts/icons.txt is in alphabetical order, each icon once"


def test_no_part_of_the_design_system_that_was_left_out_is_used() -> None:
    expect_none(lines_with(templates(), rf"class=\"[^\"]*\b({'|'.join(vendor.LEFT_OUT)})\b"))


# --- Dependencies, catalogues ---------------------------------------------------------------------------------------

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock", "package-lock.json")


@pytest.mark.parametrize("name", LOCKS)
def test_locks_name_no_host(name: str) -> None:
    expect_none(lines_with([ROOT / name], r"https?:|--(extra-)?index-url|--find-links|\"resolved\""))


@pytest.mark.parametrize("name", LOCKS[:3])
def test_every_locked_package_has_a_hash(name: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())
    expect_none([entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry])


def pinned(name: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def test_tests_run_on_the_versions_that_are_served() -> None:
    served, tested = pinned("requirements.lock"), pinned("requirements-dev.lock")
    expect_none(name for name, version in served.items() if tested.get(name) != version)


def test_every_dependency_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    names = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    lines = [line.strip() for line in text.splitlines()]
    expect_none(name for name in names if not lines[lines.index(f'"{name}",') - 1].startswith("#"))


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[\[<>=~ ]", name)[0].lower().replace("_", "-") for name in project["dependencies"]}
    expect_none(names - {name.lower() for name in pinned("requirements.lock")})


def imported_packages(paths: list[Path]) -> Iterator[tuple[str, Path]]:
    """The top-level name of everything that is imported, and where."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((alias.name.partition(".")[0], path) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0], path


def test_what_is_served_imports_only_what_is_installed_where_it_is_served() -> None:
    served = {name.lower().replace("_", "-") for name in pinned("requirements.lock")}
    known = {
        name: {dist.lower().replace("_", "-") for dist in dists} for name, dists in packages_distributions().items()
    }
    own = {*HOUSE, "config", "scripts", *sys.stdlib_module_names}
    expect_none(
        f"{shown(path)}: {name}"
        for name, path in imported_packages(python_files(*HOUSE, "config"))
        if name not in own and not known.get(name, set()) & served
    )


def test_every_app_has_its_catalogue_and_its_layer() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert set(HOUSE) <= set(APPS)
    assert set(HOUSE) <= set(tools["importlinter"]["root_packages"])
    assert set(HOUSE) <= set(tools["coverage"]["run"]["source"])
