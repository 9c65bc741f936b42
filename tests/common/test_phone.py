"""Telephone numbers, as typed and as shown."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from common.phone import Phone, format_phone, parse_phone, tel_uri


@pytest.mark.parametrize(
    "raw",
    [
        "91234567",
        "912 34 567",
        "+47 912 34 567",
        "004791234567",
        "4791234567",
        "912\xa034\xa0567",
        "(+47) 912-34-567",
        "912.34.567",
        91234567,
        91234567.0,
        "91234567.0",
        "tlf: 912 34 567",
        "９１２３４５６７",
    ],
)
def test_a_mobile_number_is_read_however_it_is_written(raw: str | float) -> None:
    phone = parse_phone(raw)
    assert (phone.e164, phone.mobile) == ("+4791234567", True)


@pytest.mark.parametrize(
    ("raw", "e164", "mobile"),
    [
        ("41234567", "+4741234567", True),
        ("22334455", "+4722334455", False),
        ("77 60 00 00", "+4777600000", False),
        ("+46 70 123 45 67", "+46701234567", True),
        ("0046701234567", "+46701234567", True),
        ("+358 40 1234567", "+358401234567", True),
        ("80012345", "+4780012345", False),
    ],
)
def test_fixed_lines_and_foreign_numbers(raw: str, e164: str, mobile: bool) -> None:
    assert parse_phone(raw) == Phone(e164, mobile, raw)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        None,
        "ukjent",
        "9123456",
        "912345678",
        "91234567 / 98765432",
        "91234567, 98765432",
        "91234567 og 98765432",
        "91234567 98765432",
        "91234567\n98765432",
        "59000000",
        "580012345678",
        "1234567891011",
        "0",
        "-",
        "9" * 5000,
        "22334455 x12",
        "=1+1",
        "+47",
    ],
)
def test_what_is_not_one_valid_number_is_none_and_keeps_what_was_written(raw: str | None) -> None:
    phone = parse_phone(raw)
    assert (phone.e164, phone.mobile, phone.raw) == (None, False, raw or "")


@given(st.integers(10_000_000, 99_999_999))
def test_the_fast_path_reads_eight_digits_as_the_library_does(digits: int) -> None:
    number = phonenumbers.parse(str(digits), "NO")
    phone = parse_phone(str(digits))
    if phonenumbers.is_valid_number(number):
        assert phone.e164 == f"+47{digits}"
        assert phone.mobile == (phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE)
    else:
        # The library does not know series that are newer than itself: all of 4 and 9 are mobile numbers.
        assert phone.mobile == (str(digits)[0] in "49")
        assert (phone.e164 is not None) == phone.mobile


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(raw: str) -> None:
    phone = parse_phone(raw)
    assert phone.e164 is None or format_phone(phone.e164)


@pytest.mark.parametrize("raw", ["000 00 142", "+47 000 00 142", "00000142", "004700000142"])
def test_the_undialable_numbers_are_mobile_numbers_in_the_demo_only(raw: str, settings: Settings) -> None:
    settings.MODE = "demo"
    assert parse_phone(raw) == Phone("+4700000142", True, raw)
    assert parse_phone(raw, demo=False).e164 is None
    settings.MODE = "production"
    assert parse_phone(raw) == Phone(None, False, raw)
    assert parse_phone(raw, demo=True).mobile


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+4791234567", "912 34 567"),
        ("+4700000142", "000 00 142"),
        ("+4722334455", "22 33 44 55"),
        ("+4780012345", "800 12 345"),
        ("+46701234567", "+46 70 123 45 67"),
        ("+4702800", "+47 02800"),
        ("", ""),
        ("rubbish", "rubbish"),
    ],
)
def test_numbers_are_shown_as_norwegians_write_them(e164: str, shown: str) -> None:
    assert format_phone(e164) == shown


def test_a_number_can_be_tapped() -> None:
    assert tel_uri("+4791234567") == "tel:+4791234567"
