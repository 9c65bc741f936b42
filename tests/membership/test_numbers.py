"""Numbers given here, and numbers that are not to come back."""

import pytest

from membership.actions.numbers import digest_of, forget_number, next_local_number
from membership.models import ErasedNumber
from tests.factories import TODAY, make_branch, make_county, make_member

pytestmark = pytest.mark.django_db


def test_numbers_given_here_follow_one_another_past_a_new_digit() -> None:
    branch = make_branch(make_county())
    assert next_local_number() == "L10001"
    make_member(branch, member_number="L10001", number_is_local=True)
    make_member(branch, member_number="L99999", number_is_local=True)
    assert next_local_number() == "L100000"
    make_member(branch, member_number="L100000", number_is_local=True)
    assert next_local_number() == "L100001"


def test_a_number_that_a_file_brought_is_not_given_again() -> None:
    make_member(make_branch(make_county()), member_number="L10001")
    assert next_local_number() == "L10002"


def test_what_is_kept_of_an_erased_number_does_not_tell_it(settings: object) -> None:
    forget_number("123456", on=TODAY)
    forget_number(" 123456 ", on=TODAY)
    row = ErasedNumber.objects.get()
    assert row.digest == digest_of("123456")
    assert "123456" not in row.digest
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    assert row.digest != digest_of("123456")
