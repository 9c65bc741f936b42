from pathlib import Path

import pytest
from django.test import override_settings
from django.utils.safestring import mark_safe

from common.rows import print_rows


@pytest.fixture
def row(tmp_path: Path, settings: pytest.FixtureRequest) -> str:
    (tmp_path / "row.html").write_text("<tr>{% if wide %}<td>{word}</td>{% endif %}<td>{{ label }} {name}</td></tr>")
    return str(tmp_path)


def templates(folder: str) -> override_settings:
    from django.conf import settings

    engine = {**settings.TEMPLATES[0], "DIRS": [folder]}
    return override_settings(TEMPLATES=[engine])


def test_a_row_is_printed_for_each_record(row: str) -> None:
    with templates(row):
        html = print_rows(
            "row.html", {"wide": True, "label": "Å"}, [{"word": 1, "name": "a"}, {"word": 2, "name": "b"}]
        )
    assert html == "<tr><td>1</td><td>Å a</td></tr><tr><td>2</td><td>Å b</td></tr>"


def test_values_are_escaped_unless_they_are_markup_and_never_read_again(row: str) -> None:
    with templates(row):
        html = print_rows("row.html", {"wide": True, "label": ""}, [{"word": mark_safe("<b>"), "name": "<i>{word}"}])
    assert html == "<tr><td><b></td><td> &lt;i&gt;{word}</td></tr>"


def test_a_missing_value_is_an_error_and_no_record_is_nothing(row: str) -> None:
    with templates(row):
        assert print_rows("row.html", {"wide": False, "label": ""}, []) == ""
        with pytest.raises(KeyError):
            print_rows("row.html", {"wide": True, "label": ""}, [{"name": "a"}])
