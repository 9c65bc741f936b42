"""Keeps the catalogues: one for each app, `locale/<app>/nb/LC_MESSAGES/django.po`.

    python scripts/messages.py [APP …]     extract, write the .po, compile the .mo
    python scripts/messages.py --compile   compile only (set-up, run and test do it)
    python scripts/messages.py --check     write nothing; say what is missing, untranslated or left over

No gettext program is needed: Babel reads Python and writes both formats, and Django turns a template into something
Babel can read. The files are sorted and hold neither dates nor line numbers, so that two who add texts at the same
time can merge.
"""

import argparse
import io
import string
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message, TranslationError
from babel.messages.checkers import python_format
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "nb"
BASE = "base"
"""The catalogue of config/ and of the templates that are nobody's in particular."""

APPS = (
    "common",
    "accounts",
    "jobs",
    "membership",
    "messaging",
    "calling",
    "recruitment",
    "dues",
    "surveys",
    "meetings",
    "overview",
    "privacy",
    "demo",
)
"""The apps that have a catalogue; a name without a folder costs nothing."""

TEMPLATE_OWNERS = {"account": "accounts", "mfa": "accounts", "usersessions": "accounts", "socialaccount": "accounts"}
"""Folders under templates/ that allauth names, and the app whose catalogue they belong to."""

TEMPLATE_SUFFIXES = {".html", ".txt", ".xml"}

# The plural rule must be spelled as in Django's own catalogue: only then can the two be merged.
HEADER = f"""\
msgid ""
msgstr ""
"Language: {LANGUAGE}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

Key = tuple[str, str]


def catalogue_names() -> list[str]:
    """Every catalogue there can be, the base one last."""
    return [*APPS, BASE]


def po_path(name: str) -> Path:
    return ROOT / "locale" / name / LANGUAGE / "LC_MESSAGES" / "django.po"


def sources(name: str) -> list[Path]:
    """The files whose texts belong to one catalogue, sorted."""
    package = ROOT / ("config" if name == BASE else name)
    python = [path for path in package.rglob("*.py") if "migrations" not in path.parts]
    return sorted(python) + [path for path in template_files() if template_owner(path) == name]


def template_files() -> list[Path]:
    return sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in TEMPLATE_SUFFIXES)


def template_owner(path: Path) -> str:
    """The catalogue a template's texts go to: its folder's app, or the base one."""
    parts = path.relative_to(ROOT / "templates").parts
    folder = parts[0] if len(parts) > 1 else ""
    owner = TEMPLATE_OWNERS.get(folder, folder)
    return owner if owner in APPS else BASE


def as_python(path: Path) -> bytes:
    """The file as Python source: a template's translation tags become gettext calls."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text.encode()
    calls = templatize(text, origin=str(path.relative_to(ROOT)))
    # A template is indented as it likes, Python is not.
    return "\n".join(line.lstrip() for line in calls.splitlines()).encode()


def extract_file(path: Path) -> Iterator[Message]:
    """The texts of one file. Raises SyntaxError or TokenError when it cannot be read."""
    found = extract(
        "python", io.BytesIO(as_python(path)), KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=False
    )
    for _line, message, comments, context in found:
        identity = tuple(message) if isinstance(message, (list, tuple)) else message
        if identity and identity != ("",):
            yield Message(identity, auto_comments=comments, context=context)


def new_catalogue() -> Catalog:
    return read_po(io.BytesIO(HEADER.encode()), locale=LANGUAGE)


def extract_app(name: str) -> Catalog:
    """What the sources of one app say, without translations."""
    catalogue = new_catalogue()
    for path in sources(name):
        try:
            for message in extract_file(path):
                catalogue.add(message.id, auto_comments=message.auto_comments, context=message.context)
        except (SyntaxError, tokenize.TokenError) as error:
            # Going on would drop the translations of every text in the file.
            raise SystemExit(f"Cannot read the texts of {path.relative_to(ROOT)}: {error}") from error
    return catalogue


def read_catalogue(name: str) -> Catalog:
    """The catalogue as it stands on disk; empty when there is none."""
    path = po_path(name)
    if not path.exists():
        return new_catalogue()
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, ignore_obsolete=True)


def key(message: Message) -> Key:
    """What gettext looks a text up by: its context and its singular."""
    singular = message.id if isinstance(message.id, str) else message.id[0]
    return (message.context or "", singular)


def texts(catalogue: Catalog) -> dict[Key, Message]:
    return {key(message): message for message in catalogue if message.id}


def translated(template: Catalog, present: Catalog) -> Catalog:
    """The texts of `template` with the translations of `present`; what only `present` has is dropped."""
    old = texts(present)
    for identity, message in texts(template).items():
        before = old.get(identity)
        if before is None:
            continue
        # A text that has got a plural, or lost it, keeps nothing: the number of forms must fit.
        if before.pluralizable == message.pluralizable:
            message.string = before.string
            message.user_comments = before.user_comments
            if before.fuzzy:
                message.flags.add("fuzzy")
    return template


def po_text(catalogue: Catalog) -> str:
    """The catalogue as a file, the same for the same texts in whatever order they were found."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    return HEADER + buffer.getvalue().decode().strip("\n") + "\n"


def write_if_changed(path: Path, content: bytes) -> bool:
    """Writes in one step, so that a reader never sees half a file. Returns whether anything changed."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    written = Path(file.name)
    written.chmod(0o644)  # a temporary file is readable by its owner only
    written.replace(path)
    return True


def update(names: list[str]) -> None:
    for name in names:
        catalogue = translated(extract_app(name), read_catalogue(name))
        if not texts(catalogue) and not po_path(name).exists():
            continue
        if write_if_changed(po_path(name), po_text(catalogue).encode()):
            missing = sum(not is_translated(message) for message in texts(catalogue).values())
            print(f"{po_path(name).relative_to(ROOT)}: {len(texts(catalogue))} texts, {missing} without a translation")


def compile_all() -> int:
    """Compiles every catalogue that is newer than its .mo. Returns how many it compiled."""
    compiled = 0
    for source in sorted((ROOT / "locale").glob("*/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns > source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        buffer = io.BytesIO()
        write_mo(buffer, catalogue)
        # The time stamp must become newer even when the content is the same.
        target.unlink(missing_ok=True)
        write_if_changed(target, buffer.getvalue())
        compiled += 1
    return compiled


def is_translated(message: Message) -> bool:
    return all(forms(message.string))


def forms(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """A text's singular and plural, or its only form."""
    return tuple(value) if isinstance(value, (list, tuple)) else (value or "",)


def brace_fields(text: str) -> set[str]:
    """The {names} a text is filled with."""
    try:
        return {name for _before, name, _spec, _conversion in string.Formatter().parse(text) if name}
    except ValueError:
        return set()


def placeholder_fault(message: Message) -> str:
    """Why a translation cannot be filled in where its source can; empty when it can."""
    wanted = {field for text in forms(message.id) for field in brace_fields(text)}
    given = {field for text in forms(message.string) for field in brace_fields(text)}
    if given - wanted:
        return f"names {', '.join(sorted(given - wanted))} that the source does not have"
    try:
        python_format(None, message)
    except TranslationError as error:
        return str(error)
    return ""


def faults_of(name: str) -> Iterator[str]:
    """What is wrong with one catalogue, a line each."""
    wanted, present = texts(extract_app(name)), texts(read_catalogue(name))
    for identity in sorted(wanted.keys() - present.keys()):
        yield f"{name}: missing (run make messages): {identity[1]!r}"
    for identity in sorted(present.keys() - wanted.keys()):
        yield f"{name}: left over (run make messages): {identity[1]!r}"
    for identity in sorted(wanted.keys() & present.keys()):
        message = present[identity]
        if message.fuzzy:
            yield f"{name}: fuzzy: {identity[1]!r}"
        elif not is_translated(message):
            yield f"{name}: not translated: {identity[1]!r}"
        elif fault := placeholder_fault(message):
            yield f"{name}: {fault}: {identity[1]!r}"


def conflicts(names: list[str]) -> Iterator[str]:
    """Texts that two catalogues translate differently. Django merges the catalogues, so one would win unseen."""
    seen: dict[Key, tuple[str, Message]] = {}
    for name in names:
        for identity, message in texts(read_catalogue(name)).items():
            other, first = seen.setdefault(identity, (name, message))
            if is_translated(message) and is_translated(first) and forms(first.string) != forms(message.string):
                yield f"{name}: translated otherwise in {other}: {identity[1]!r}"


def check() -> int:
    names = catalogue_names()
    faults = [fault for name in names for fault in faults_of(name)] + list(conflicts(names))
    for fault in faults:
        print(fault)
    if faults:
        print(f"Translations: {len(faults)} faults.")
    return 1 if faults else 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Keep the catalogues of translated texts.")
    parser.add_argument("apps", nargs="*", metavar="APP", help="only these catalogues; all without any")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything is not translated")
    parser.add_argument("--compile", action="store_true", help="only compile what is there")
    options = parser.parse_args(arguments)
    unknown = set(options.apps) - set(catalogue_names())
    if unknown:
        parser.error(f"no such catalogue: {', '.join(sorted(unknown))}; there are {', '.join(catalogue_names())}")
    if options.check:
        return check()
    if not options.compile:
        update(options.apps or catalogue_names())
    compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
