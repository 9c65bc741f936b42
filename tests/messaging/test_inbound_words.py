"""What an SMS asks for, by its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.inbound.words import Wish, asks_to_stop, read


@pytest.mark.parametrize(
    "text",
    [
        "STOPP",
        "stopp",
        " Stopp! ",
        "STOP",
        "stop.",
        "«STOPP»",
        "S T O P P",
        "s.t.o.p.p",
        "ＳＴＯＰＰ",
        "AVMELD",
        "Avmelding",
        "slutt",
        "AVSLUTT",
        "Unsubscribe",
        "STOPP takk",
        "Stopp SMS, takk",
        "stopp!!!! nå",
        "STOPP 👎",
        "END",
        "Quit.",
        "STOPP\n",
    ],
)
def test_a_stopp_is_a_stopp_however_it_is_written(text: str) -> None:
    reading = read(text)
    assert (reading.wish, reading.has_more) == (Wish.STOP, False)


@pytest.mark.parametrize(
    "text",
    [
        "Stopp, jeg er flyttet",
        "STOPP dette nå Kari",
        "Slutt med tullet",
        "Stopp! Jeg vil ikke ha flere meldinger fra dere",
        "STOPP\nHilsen Ane Fjellvær, Olderdalen, medlem siden 1987",
    ],
)
def test_a_stopp_that_says_something_more_is_obeyed_and_read(text: str) -> None:
    reading = read(text)
    assert (reading.wish, reading.has_more) == (Wish.STOP, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "…",
        "Når er møtet?",
        "Ikke stopp",
        "Slutt på møtet ble klokken ni",
        "Stopp bussen på torget i morgen tidlig",
        "Stoppested",
        "End of the road",
        "Cancel the meeting",
        "JA",
        "start bilen",
        "Kan dere stoppe?",
    ],
)
def test_other_words_are_somebodys_message(text: str) -> None:
    assert read(text).wish is Wish.OTHER


@pytest.mark.parametrize("text", ["START", "start!", "Start igjen takk", "Påmeld"])
def test_start_asks_for_sms_again(text: str) -> None:
    assert read(text).wish is Wish.START
    assert read(text, is_stopped=True).wish is Wish.START


def test_a_yes_takes_back_a_stopp_only_where_there_is_one() -> None:
    assert read("Ja takk", is_stopped=True).wish is Wish.START
    assert read("Ja takk").wish is Wish.OTHER
    assert read("Ja, jeg kommer", is_stopped=True).wish is Wish.OTHER


def test_the_first_word_is_the_keyword() -> None:
    assert read("NyMedlem Kari Nordvik").keyword == "nymedlem"
    assert read("").keyword == ""


@pytest.mark.parametrize("subject", ["STOPP", "Re: Stopp", "SV: VS: avmeld", "Unsubscribe"])
def test_an_email_may_ask_in_its_subject(subject: str) -> None:
    assert asks_to_stop(subject)


@pytest.mark.parametrize(
    "subject", ["", "Re:", "SV: Nyhetsbrev i november", "Stopp nedleggelsen av skolen på Manndalen"]
)
def test_other_subjects_do_not(subject: str) -> None:
    assert not asks_to_stop(subject)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert read(text).wish in Wish
    assert read("STOPP" + " " * 3 + text[:0]).wish is Wish.STOP
