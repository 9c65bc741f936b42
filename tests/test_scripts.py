"""The makers' commands: catalogues, set-up, and the programs a run starts."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import messages, processes, vendor
from scripts.setup import Stamp
from tests.conftest import wait_for

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent

# --- Catalogues -----------------------------------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small house with one app, for the catalogues to be made of."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    write(tmp_path / "dues/views.py", 'from x import gettext_lazy as _\nA = _("Not paid")\n')
    write(
        tmp_path / "templates/dues/claim_list.html",
        "{% load i18n %}\n   {% translate 'Paid' %} it's (\n"
        "{% blocktranslate trimmed count n=rows %}\n  {{ n }} row\n{% plural %}\n {{ n }} rows\n{% endblocktranslate %}"
        '{{ x|default:_("none") }} 50 % {% translate "Open" context "verb" %}',
    )
    write(tmp_path / "templates/account/login.html", "{% load i18n %}{% translate 'Sign in' %}")
    write(tmp_path / "templates/components/button.html", "{% load i18n %}{% translate 'Save' %}")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def translate(name: str, **translations: str) -> None:
    path = messages.po_path(name)
    text = path.read_text(encoding="utf-8")
    for source, target in translations.items():
        text = text.replace(f'msgid "{source}"\nmsgstr ""', f'msgid "{source}"\nmsgstr "{target}"')
    path.write_text(text, encoding="utf-8")


def test_each_text_goes_to_the_catalogue_of_its_app(house: Path) -> None:
    messages.main([])
    found = {name: {key[1] for key in messages.texts(messages.read_catalogue(name))} for name in ("dues", "accounts")}
    assert found["dues"] == {"Not paid", "Paid", "%(n)s row", "none", "Open"}
    assert found["accounts"] == {"Sign in"}
    assert {key[1] for key in messages.texts(messages.read_catalogue("base"))} == {"Save"}
    assert not messages.po_path("calling").exists()


def test_a_catalogue_says_nothing_of_when_or_where(house: Path) -> None:
    messages.main([])
    text = messages.po_path("dues").read_text(encoding="utf-8")
    assert "claim_list.html" not in text
    assert "Date" not in text
    messages.main([])
    assert messages.po_path("dues").read_text(encoding="utf-8") == text


def test_translations_are_kept_and_texts_that_are_gone_are_dropped(house: Path) -> None:
    messages.main([])
    translate("dues", Paid="Betalt", none="ingen")
    write(house / "dues/views.py", 'from x import gettext as _\nB = _("Partly paid")\n')
    messages.main([])
    texts = messages.texts(messages.read_catalogue("dues"))
    assert texts["", "Paid"].string == "Betalt"
    assert texts["", "none"].string == "ingen"
    assert texts["", "Partly paid"].string == ""
    assert not texts["", "Partly paid"].fuzzy
    assert ("", "Not paid") not in texts


def test_a_file_that_cannot_be_read_costs_no_translations(house: Path) -> None:
    messages.main([])
    before = messages.po_path("dues").read_bytes()
    write(house / "templates/dues/broken.html", "{% blocktranslate %}{% if x %}{% endblocktranslate %}")
    with pytest.raises(SystemExit, match=r"broken\.html"):
        messages.main([])
    assert messages.po_path("dues").read_bytes() == before


def test_the_check_names_what_is_wrong(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main(["--check"]) == 1
    assert "dues: missing (run make messages): 'Not paid'" in capsys.readouterr().out
    messages.main([])
    translate("base", Save="Lagre")
    translate("accounts", **{"Sign in": "Logg inn"})
    translate("dues", Paid="Betalt", none="ingen", Open="Åpne")
    write(messages.po_path("calling"), messages.HEADER + 'msgid "Gone"\nmsgstr "Borte"\n')
    capsys.readouterr()
    assert messages.main(["--check"]) == 1
    out = capsys.readouterr().out
    assert "dues: not translated: 'Not paid'" in out
    assert "dues: not translated: '%(n)s row'" in out
    assert "calling: left over (run make messages): 'Gone'" in out
    assert "Sign in" not in out


def test_the_check_passes_when_all_is_translated(house: Path) -> None:
    messages.main([])
    translate("base", Save="Lagre")
    translate("accounts", **{"Sign in": "Logg inn"})
    translate("dues", Paid="Betalt", none="ingen", Open="Åpne", **{"Not paid": "Ikke betalt"})
    text = messages.po_path("dues").read_text(encoding="utf-8")
    text = text.replace('msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "%(n)s rad"\nmsgstr[1] "%(n)s rader"')
    messages.po_path("dues").write_text(text, encoding="utf-8")
    assert messages.main(["--check"]) == 0


def test_the_check_finds_fields_that_do_not_exist_and_fuzzy_texts(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(house / "dues/views.py", 'A = _("Hi {name}")\nB = _("In %(year)s")\nC = _("Once")\n')
    messages.main([])
    translate("dues", **{"Hi {name}": "Hei {navn}", "In %(year)s": "I %(aar)s", "Once": "Én gang"})
    path = messages.po_path("dues")
    write(path, path.read_text(encoding="utf-8").replace('msgid "Once"', '#, fuzzy\nmsgid "Once"'))
    messages.main(["--check"])
    out = capsys.readouterr().out
    assert "dues: names navn that the source does not have: 'Hi {name}'" in out
    assert "aar" in out
    assert "dues: fuzzy: 'Once'" in out


def test_the_check_finds_a_text_that_two_apps_translate_differently(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(house / "calling/views.py", 'A = _("Paid")\n')
    messages.main([])
    translate("dues", Paid="Betalt")
    translate("calling", Paid="Betalte")
    messages.main(["--check"])
    assert "dues: translated otherwise in calling: 'Paid'" in capsys.readouterr().out


def test_catalogues_are_compiled_when_they_change(house: Path) -> None:
    messages.main([])
    compiled = messages.po_path("dues").with_suffix(".mo")
    assert compiled.exists()
    assert messages.compile_all() == 0
    later = compiled.stat().st_mtime + 10
    os.utime(messages.po_path("dues"), (later, later))
    assert messages.compile_all() == 1


# --- Set-up ---------------------------------------------------------------------------------------------------------


def test_a_step_is_done_again_only_when_its_sources_change(tmp_path: Path) -> None:
    source = tmp_path / "a.lock"
    source.write_text("one")
    stamp = Stamp(tmp_path / "stamp", [source])
    assert not stamp.is_current()
    stamp.set()
    assert Stamp(tmp_path / "stamp", [source]).is_current()
    source.write_text("two")
    assert not Stamp(tmp_path / "stamp", [source]).is_current()


def test_the_style_sheet_loses_only_the_parts_that_are_left_out() -> None:
    parts = [f"@layer ds.components{{.{name}{{color:red}}}}" for name in vendor.LEFT_OUT]
    css = "@layer ds.theme, ds.base;@layer ds.components{.ds-button{color:red}}" + "".join(parts)
    assert vendor.trimmed(css) == "@layer ds.theme, ds.base;@layer ds.components{.ds-button{color:red}}"
    with pytest.raises(vendor.VendorError, match=vendor.LEFT_OUT[0]):
        vendor.trimmed("@layer ds.components{.ds-button{color:red}}")


def test_an_old_python_is_told_so_in_one_sentence() -> None:
    """The package's first file must be readable by it: no word newer than f-strings."""
    text = (ROOT / "scripts" / "__init__.py").read_text(encoding="utf-8")
    code = text.replace("sys.version_info < OLDEST_PYTHON", "True")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Medlemsboka needs Python 3.11, and this is Python 3.")
    assert "Traceback" not in done.stderr


# --- Programs -------------------------------------------------------------------------------------------------------

STAY = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)"]


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    processes.clear_leftovers(tmp_path)


def start(data_dir: Path, command: list[str]) -> processes.Child:
    environment = {processes.MARK: str(data_dir)}
    return processes.Child("test", command, environment, data_dir / "log" / "test.log", at_our_death=signal.SIGKILL)


@pytest.mark.broker
def test_a_broker_answers_on_its_socket_and_stops_when_told(data_dir: Path) -> None:
    import redis

    broker, url = processes.start_broker(data_dir)
    assert redis.Redis.from_url(url).ping()
    processes.stop_all([broker], seconds=5)
    assert broker.exit_code is not None
    assert processes.leftovers(data_dir) == []


def test_a_socket_path_is_short_however_long_the_data_folder_is(tmp_path: Path) -> None:
    deep, other = (processes.socket_path(tmp_path / (letter * 100)) for letter in "de")
    assert len(os.fsencode(deep)) < 108
    assert deep != other
    assert deep.parent.stat().st_mode & 0o077 == 0
    for path in (deep, other):
        path.parent.rmdir()


def test_what_an_earlier_run_left_is_ended_with_all_it_started(data_dir: Path) -> None:
    nested = f"import subprocess, sys; subprocess.run({STAY!r})"
    child = start(data_dir, [sys.executable, "-c", nested])
    wait_for(lambda: len(processes.leftovers(data_dir)) == 2)
    assert processes.clear_leftovers(data_dir) == 2
    assert processes.leftovers(data_dir) == []
    assert child.wait(5)


def test_a_child_is_killed_with_everything_it_started(data_dir: Path) -> None:
    nested = f"import subprocess, sys; subprocess.run({STAY!r})"
    child = start(data_dir, [sys.executable, "-c", nested])
    wait_for(lambda: len(processes.leftovers(data_dir)) == 2)
    processes.stop_all([child], seconds=5)
    assert child.exit_code is not None
    wait_for(lambda: processes.leftovers(data_dir) == [])


def test_children_die_with_their_parent_however_it_dies(data_dir: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from scripts import processes;"
        f"folder = Path({str(data_dir)!r}); mark = {{processes.MARK: str(folder)}};"
        f"processes.Child('x', {STAY!r}, mark, folder / 'x.log', at_our_death=signal.SIGKILL);"
        "print('started', flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "started\n"
    wait_for(lambda: len(processes.leftovers(data_dir)) == 1)
    parent.kill()
    parent.communicate()
    wait_for(lambda: processes.leftovers(data_dir) == [])


def test_a_program_that_ends_while_starting_is_reported(data_dir: Path) -> None:
    child = start(data_dir, [sys.executable, "-c", "print('no such thing'); raise SystemExit(3)"])
    with pytest.raises(processes.ProcessFailed, match=r"test stopped while starting \(code 3\)"):
        processes.wait_until(child, lambda: False, seconds=20)
    assert child.last_words() == ["no such thing"]


def test_only_one_run_holds_a_data_folder(data_dir: Path) -> None:
    with processes.hold(data_dir, "http://here") as lock:
        with pytest.raises(processes.AlreadyRunning, match="http://here"):
            processes.hold(data_dir, "http://there")
        assert not lock.closed
    processes.hold(data_dir, "http://there").close()


def test_a_port_in_use_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not processes.port_is_free("127.0.0.1", port)
    assert processes.port_is_free("127.0.0.1", port)


def test_a_log_does_not_grow_for_ever(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LARGEST_LOG", 3)
    log = data_dir / "log" / "web.log"
    write(log, "long")
    processes.rotate(log)
    assert not log.exists()
    assert (data_dir / "log" / "web.log.1").read_text() == "long"
