"""docs/retention.yaml is what the house obeys: every field has a rule, and every rule its doer."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.db import models

from common.policy import DOERS, Keep, load
from config.schedule import SCHEDULE
from privacy.models import PrivacySettings

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
POLICY = load(ROOT / "docs" / "retention.yaml")


def test_the_house_obeys_the_file_that_is_read_here() -> None:
    assert Path(settings.RETENTION_POLICY) == POLICY.path


def test_every_field_of_every_table_has_a_rule_or_the_table_holds_no_persons() -> None:
    ruled: dict[str, set[str]] = {}
    for rule in POLICY.rules.values():
        for table, fields in rule.fields.items():
            ruled.setdefault(table, set()).update(fields)
    tables = {
        model._meta.label: {field.name for field in model._meta.concrete_fields if field.name != "id"}
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label not in POLICY.without_persons
    }
    assert ruled == tables


def test_no_rule_names_a_field_twice() -> None:
    for rule in POLICY.rules.values():
        for table, fields in rule.fields.items():
            assert [name for name, times in Counter(fields).items() if times > 1] == [], (rule.key, table)


@pytest.mark.parametrize("key", POLICY.rules)
def test_whoever_carries_a_rule_out_is_there(key: str) -> None:
    scheduled = {line.task for line in SCHEDULE}
    for doer in POLICY.rule(key).carried_out_by:
        if doer in DOERS:
            continue
        module, _dot, name = doer.rpartition(".")
        assert callable(getattr(import_module(module), name)), doer
        # A task that nothing starts carries out nothing.
        assert ".tasks." not in f".{doer}" or doer in scheduled, f"{doer} is not in config/schedule.py"


@pytest.mark.parametrize("key", POLICY.rules)
def test_what_has_a_time_is_carried_out_by_somebody(key: str) -> None:
    rule = POLICY.rule(key)
    assert rule.keep == Keep(word=rule.keep.word) or "nobody" not in rule.carried_out_by
    assert rule.keep.word != "with_member" or "database" in rule.carried_out_by


@pytest.mark.parametrize("key", POLICY.rules)
def test_how_long_is_said_once(key: str) -> None:
    """The words name no number of their own where `keep` has one: they would not follow it."""
    text = POLICY.path.read_text(encoding="utf-8")
    raw = next(rule["until"] for rule in yaml.safe_load(text)["rules"] if rule["key"] == key)
    if POLICY.rule(key).keep.unit:
        assert "{keep}" in raw or "{most}" in raw
        assert not re.search(r"\d", raw)
    assert "{" not in POLICY.rule(key).until


def test_a_county_chooses_within_what_its_table_can_hold() -> None:
    for key, name in (("leaving", "correction_days"), ("unpaid", "unpaid_months")):
        kept = POLICY.rule(key).keep
        assert kept.setting == name
        field = PrivacySettings._meta.get_field(name)
        assert isinstance(field, models.Field)
        for amount in (POLICY.least(key), kept.amount, POLICY.most(key)):
            field.run_validators(amount)


# Where lengths of keeping once stood, and would come back to.
_KEEPING = (
    "accounts/*.py",
    "jobs/actions.py",
    "membership/actions/*.py",
    "membership/tasks.py",
    "messaging/actions/outbox.py",
    "messaging/mailbox.py",
    "messaging/expanding.py",
    "messaging/rerouting.py",
    "messaging/forgetting/*.py",
    "privacy/rules.py",
    "privacy/tasks.py",
    "privacy/actions/departures.py",
    "privacy/actions/links.py",
)
# No keeping of anybody's: a run that is silent, a lease, a broken command.
_OTHER_TIMES = re.compile(r"_RUN_KEPT|SILENCE|SILENT_COMMAND|PICKED_UP_WITHIN|heartbeat_at|valid_from")


def test_no_length_of_keeping_stands_in_the_code() -> None:
    files = sorted({path for pattern in _KEEPING for path in ROOT.glob(pattern)})
    assert len(files) > 15
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"timedelta\([^)]*\d", line) and not _OTHER_TIMES.search(line)
    ]
    assert found == [], "put it in docs/retention.yaml, and read it by common.policy.keep"
