"""What migrations do to a register that is there already."""

from importlib import import_module

import pytest
from django.apps import apps

from membership.actions.members import derive
from membership.models import Member
from tests.factories import make_branch, make_county, make_member

pytestmark = pytest.mark.django_db


def test_members_from_before_are_found_by_what_they_can_contribute() -> None:
    branch = make_branch(make_county())
    able = make_member(branch, skills="Kan kjøre buss.")
    plain = make_member(branch)
    before = plain.search_text
    Member.objects.filter(pk=able.pk).update(search_text=able.search_text.replace(" kan kjøre buss", ""))
    import_module("membership.migrations.0006_skills_are_searched").add_words(apps, None)
    able.refresh_from_db()
    stored = able.search_text
    derive(able)
    assert stored == able.search_text
    assert " buss" in stored
    plain.refresh_from_db()
    assert plain.search_text == before
