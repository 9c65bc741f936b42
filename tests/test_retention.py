"""Every field that can say something of a person has a rule in docs/retention.yaml, and every rule a field."""

from pathlib import Path

import pytest
import yaml
from django.apps import apps

pytestmark = pytest.mark.once

POLICY = Path(__file__).resolve().parent.parent / "docs" / "retention.yaml"


def test_every_field_of_every_table_has_a_rule_or_the_table_holds_no_persons() -> None:
    policy = yaml.safe_load(POLICY.read_text(encoding="utf-8"))
    ruled: dict[str, set[str]] = {}
    for rule in policy["rules"]:
        assert rule["why"], rule["name"]
        assert rule["until"], rule["name"]
        assert rule["enforced"], rule["name"]
        for table, fields in rule["fields"].items():
            ruled.setdefault(table, set()).update(fields)
    tables = {
        model._meta.label: {field.name for field in model._meta.concrete_fields if field.name != "id"}
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label not in policy["without_persons"]
    }
    assert ruled == tables
