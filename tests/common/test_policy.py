"""Reading the policy: what is wrong is told with its line; what is right is a length of time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from common.policy import PolicyError, keep, load

pytestmark = pytest.mark.pure

RULE = """rules:
  - key: log
    name: Loggen
    why: Så vi ser hvem som så
    until: "{keep}"
    keep: %s
    carried_out_by: database
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "retention.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("told", "time", "words"),
    [
        ("{minutes: 10}", timedelta(minutes=10), "10 minutter"),
        ("{hours: 24}", timedelta(hours=24), "24 timer"),
        ("{days: 1}", timedelta(days=1), "1 dag"),
        ("{years: 1, after: answered}", timedelta(days=366), "1 år"),
        ("{years: 5}", timedelta(days=5 * 366), "5 år"),
        ("{days: 0, least: 0, most: 14, setting: correction_days}", timedelta(0), "0 dager"),
    ],
)
def test_a_time_is_told_in_words_too(tmp_path: Path, told: str, time: timedelta, words: str) -> None:
    policy = load(written(tmp_path, RULE % told))
    assert policy.time("log") == time
    assert policy.rule("log").until == words


def test_the_longest_and_the_shortest_that_a_county_may_choose(tmp_path: Path) -> None:
    policy = load(written(tmp_path, RULE % "{months: 6, least: 1, most: 6, setting: unpaid_months}"))
    assert (policy.least("log"), policy.amount("log", "months"), policy.most("log")) == (1, 6, 6)
    with pytest.raises(PolicyError, match="must be minutes, hours, days or years"):
        policy.time("log")
    with pytest.raises(PolicyError, match="told in days"):
        policy.amount("log", "days")


@pytest.mark.parametrize("word", ["with_member", "forever", "by_hand"])
def test_a_word_is_no_time(tmp_path: Path, word: str) -> None:
    policy = load(written(tmp_path, RULE % word))
    assert policy.rule("log").keep.word == word
    with pytest.raises(PolicyError, match="log"):
        policy.time("log")


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ("14", "one of with_member"),
        ("sometimes", "one of with_member"),
        ("{}", "keep is missing"),
        ("{days: 14, hours: 2}", "exactly one of"),
        ("{weeks: 2}", "unknown: weeks"),
        ("{days: fourteen}", "days must be a whole number"),
        ("{days: -1}", "days must be a whole number"),
        ("{days: 0}", "days must be a whole number from 1"),
        ("{days: true}", "days must be a whole number"),
        ("{days: 1.5}", "days must be a whole number"),
        ("{days: 14, after: christmas}", "after must be one of"),
        ("{days: 20, most: 14}", "not within least and most"),
        ("{days: 14, most: many}", "most must be a whole number"),
    ],
)
def test_a_time_that_is_none_is_told_with_its_rule_and_line(tmp_path: Path, told: str, complaint: str) -> None:
    with pytest.raises(PolicyError, match=r"retention.yaml, line 2: rule “log”: .*" + complaint):
        load(written(tmp_path, RULE % told))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("    why: Så vi ser hvem som så\n", ""), "line 2: rule “log”: why is missing"),
        (("    carried_out_by: database\n", "    enforced: nightly\n"), "carried_out_by is missing"),
        (("database", "somebody"), "no dotted path"),
        (("database", "{a: b}"), "no dotted path"),
        (("key: log", "key: The log"), "small letters"),
        (("    why:", "    reason: x\n    why:"), "unknown: reason"),
        (("    why:", "    name: x\n    why:"), "line 4: “name” stands here for the second time"),
        (("name: Loggen", "name: [a]"), "name must be words"),
        (("rules:", "ruled:"), "a list named rules"),
        (("database\n", "database\n    fields: [a]\n"), "a list for each table"),
        (("database\n", "database\n  - just words\n"), "line 8: a rule must be a group"),
        (("Så vi ser", "Så vi: ser"), "line 4"),
        (("    why:", "\twhy:"), "line 4"),
    ],
)
def test_a_rule_that_is_none_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    with pytest.raises(PolicyError, match=complaint):
        load(written(tmp_path, (RULE % "{days: 14}").replace(*change)))


def test_two_rules_of_one_key_are_refused(tmp_path: Path) -> None:
    both = RULE % "{days: 14}" + (RULE % "{days: 15}").removeprefix("rules:\n")
    with pytest.raises(PolicyError, match="line 8: rule “log”: another rule has the same key"):
        load(written(tmp_path, both))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"nowhere.yaml: cannot be read"):
        load(tmp_path / "nowhere.yaml")


def test_nothing_in_the_file_is_run(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        load(written(tmp_path, RULE % "!!python/object/apply:os.system ['true']"))


def test_a_rule_the_house_needs_and_does_not_find_is_named(tmp_path: Path, settings: Any) -> None:
    settings.RETENTION_POLICY = str(written(tmp_path, RULE % "{days: 14}"))
    assert keep("log") == timedelta(days=14)
    with pytest.raises(PolicyError, match="no rule with the key “undo”"):
        keep("undo")
