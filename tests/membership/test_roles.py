"""The table of roles: what the guards read, and the page where the county reads it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent
from membership.roles import OPENS_REGISTER, PERMISSIONS, Permission, Role, permissions_of
from tests.factories import make_branch, make_county, make_officer


def test_every_role_has_its_rights_and_every_right_a_role() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert frozenset().union(*PERMISSIONS.values()) == set(Permission)


def test_a_word_that_is_no_role_has_no_rights() -> None:
    assert permissions_of("owner") == frozenset()


def test_a_caller_may_call_and_nothing_else() -> None:
    assert permissions_of(Role.CALLER) == {Permission.CALL}
    assert not permissions_of(Role.CALLER) & OPENS_REGISTER


def test_a_leader_reads_without_notes_and_takes_nothing_out() -> None:
    rights = permissions_of(Role.BRANCH_LEADER)
    assert Permission.VIEW_MEMBERS in rights
    assert not rights & {Permission.VIEW_NOTES, Permission.EXPORT_MEMBERS, Permission.EDIT_MEMBERS}


@pytest.mark.django_db
def test_the_county_reads_the_whole_table_and_it_is_logged(client_for: Callable[..., Client]) -> None:
    county = make_county()
    response = client_for(make_officer(county, Role.COUNTY_SECRETARY)).get(reverse("membership:roles", args=["troms"]))
    assert response.status_code == 200
    for role, rights in PERMISSIONS.items():
        assert f">{role.label}</th>" in response.text
        assert " · ".join(str(right.label) for right in Permission if right in rights) in response.text
    assert AuditEvent.objects.filter(verb=Verb.ROLES_OPENED, branch_id=county.pk).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COUNTY_SECRETARY}))
def test_others_do_not_find_it(client_for: Callable[..., Client], role: Role) -> None:
    county = make_county()
    make_branch(county, "Kåfjord")
    client = client_for(make_officer(county, role))
    status = 200 if Permission.VIEW_ROLES in PERMISSIONS[role] else 404
    assert client.get(reverse("membership:roles", args=["troms"])).status_code == status
