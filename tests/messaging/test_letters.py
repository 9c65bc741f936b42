"""Letters on paper: whose, what stands in them, and what is in the post. The PDFs are read back."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from jobs.enums import JobState
from jobs.models import Job
from membership.models import Branch, Member
from membership.roles import Role
from messaging.actions.letters import mark_posted
from messaging.enums import Channel, MessageState, Purpose, Reason
from messaging.letters.addressees import in_envelopes, not_posted, sorted_out
from messaging.letters.blocks import filled, read_blocks
from messaging.letters.printing import print_labels, print_letters
from messaging.models import Message, Recipient
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_member, make_officer

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def officer(branch: Branch) -> User:
    return make_officer(branch)


def neighbour(branch: Branch, first_name: str = "Ragna", **fields: Any) -> Member:
    home = {"street": "Fjordveien 4", "postal_code": "9144", "city": "Samuelsberg", "email": "", "mobile": ""}
    return make_member(branch, first_name, "Qvilnes", **(home | fields))


def letter_to(branch: Branch, officer: User, *members: Member, body: str = "Hei {{ fornavn }}!") -> Message:
    message = make_message(
        branch, officer, MessageState.DONE, expanded_at=NOW, queued_at=NOW, with_letters=True, purpose=Purpose.MEETINGS
    )
    message.texts.update(body=body)
    for member in members:
        Recipient.objects.create(message=message, member=member, channel=Channel.LETTER)
    return message


def words_of(pdf: bytes) -> str:
    """What a reader of the PDF can copy from it: its own table from glyphs to letters, undone."""
    streams = []
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            streams.append(zlib.decompress(raw))
        except zlib.error:
            streams.append(raw)
    return "\n".join(stream.decode("latin-1") for stream in streams)


def pages_of(pdf: bytes) -> int:
    text = words_of(pdf) + pdf.decode("latin-1")
    return len(re.findall(r"/Type\s*/Page\b(?!s)", text))


# --- Whose -----------------------------------------------------------------------------------------------------------


def test_those_who_live_together_get_one_letter_with_all_names(branch: Branch) -> None:
    ragna, odd = neighbour(branch), neighbour(branch, "Odd")
    [envelope] = in_envelopes([ragna, odd], is_personal=False)
    assert envelope.address == ["Ragna Qvilnes", "Odd Qvilnes", "Fjordveien 4", "9144 Samuelsberg"]


def test_a_personal_letter_is_nobody_elses(branch: Branch) -> None:
    envelopes = in_envelopes([neighbour(branch), neighbour(branch, "Odd")], is_personal=True)
    assert [len(envelope.people) for envelope in envelopes] == [1, 1]


def test_neighbours_of_another_name_get_their_own(branch: Branch) -> None:
    other = make_member(branch, "Siv", "Moen", street="Fjordveien 4", postal_code="9144", city="Samuelsberg")
    assert len(in_envelopes([neighbour(branch), other], is_personal=False)) == 2


def test_care_of_stands_on_the_envelope(branch: Branch) -> None:
    [envelope] = in_envelopes([neighbour(branch, care_of="Berit Moen")], is_personal=False)
    assert envelope.address[1] == "c/o Berit Moen"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"address_protection": "confidential"}, Reason.PROTECTED),
        ({"no_post": True}, Reason.NO_CHANNEL),
        ({"no_meetings": True}, Reason.NO_PURPOSE),
        ({"status": "resigned"}, Reason.LEFT),
        ({"street": ""}, Reason.NO_ADDRESS),
    ],
)
def test_whom_it_no_longer_concerns_is_sorted_out_when_it_is_printed(
    branch: Branch, officer: User, changes: dict[str, Any], reason: Reason
) -> None:
    ragna, odd = neighbour(branch), neighbour(branch, "Odd")
    message = letter_to(branch, officer, ragna, odd)
    Member.objects.filter(pk=ragna.pk).update(**changes)
    fine, fallen = sorted_out(list(not_posted(message)), message.purpose, on=TODAY)
    assert fine == [odd]
    assert list(fallen.values()) == [reason]


# --- What stands in it -----------------------------------------------------------------------------------------------


def test_markdown_becomes_blocks() -> None:
    text = "# Årsmøte\n\nHei **du** og *alle*\nVel møtt\n\n1. Kaffe\n2. Kake\n   - med krem\n\n> Sitat\n\n---\n"
    blocks = read_blocks(text)
    assert [(block["kind"], block["depth"], block["mark"]) for block in blocks] == [
        ("heading", 0, ""),
        ("text", 0, ""),
        ("text", 1, "1."),
        ("text", 1, "2."),
        ("text", 2, "•"),
        ("quote", 0, ""),
        ("rule", 0, ""),
    ]
    assert [(run["text"], run["bold"], run["italic"]) for run in blocks[1]["runs"]] == [
        ("Hei ", False, False),
        ("du", True, False),
        (" og ", False, False),
        ("alle", False, True),
        ("\n", False, False),
        ("Vel møtt", False, False),
    ]


def test_a_link_is_written_out_on_paper() -> None:
    [block] = read_blocks("Se [siden vår](https://demo.example/mote) eller <post@demo.example>")
    assert (
        "".join(run["text"] for run in block["runs"])
        == "Se siden vår (https://demo.example/mote) eller post@demo.example"
    )


def test_an_item_may_have_two_paragraphs_and_a_date_begins_no_list() -> None:
    blocks = read_blocks("1. Første\n\n   Mer om det\n2. Andre")
    assert [block["mark"] for block in blocks] == ["1.", "", "2."]
    [line] = read_blocks("20. november møtes vi")
    assert (line["mark"], line["depth"]) == ("", 0)
    assert "".join(run["text"] for run in line["runs"]) == "20. november møtes vi"


def test_a_bare_address_is_not_said_twice() -> None:
    [block] = read_blocks("Se www.demo.example og https://demo.example/a")
    assert "".join(run["text"] for run in block["runs"]) == "Se www.demo.example og https://demo.example/a"


def test_html_and_pictures_are_text() -> None:
    [block] = read_blocks('<b onclick="x">hei</b> ![bilde](https://demo.example/a.png)')
    assert block["runs"][0]["text"].startswith("<b onclick")


def test_a_name_is_put_in_once_and_read_by_nobody() -> None:
    blocks = filled(read_blocks("Hei **{{ fornavn }}**"), {"fornavn": "{{ etternavn }} *x*", "etternavn": "Nei"})
    assert blocks[0]["runs"][1] == {"text": "{{ etternavn }} *x*", "bold": True, "italic": False}


NAUGHTY = ["#pagebreak()", "$x^2$", "*b*", '"); #panic("x', "\\u{41}", "Gáivuotna đŋšŧž", "<script>", "{{ navn }}"]


def test_what_somebody_wrote_is_never_markup() -> None:
    letters = [
        {
            "address": [text],
            "subject": text,
            "blocks": read_blocks("Hei") + filled(read_blocks("x {{ n }}"), {"n": text}),
        }
        for text in NAUGHTY
    ]
    pdf = print_letters(letters, title="Brev", sender=NAUGHTY[0], contact=NAUGHTY[1], date=NAUGHTY[2])
    assert pdf.startswith(b"%PDF")
    assert pages_of(pdf) == len(NAUGHTY)


def test_every_letter_begins_on_a_page_of_its_own_and_every_label_has_its_place() -> None:
    one = {"address": ["Ragna"], "subject": "Møte", "blocks": read_blocks("Hei\n\n" * 80)}
    pdf = print_letters([one, one], title="Brev", sender="Kåfjord Ap", contact="", date="20. november 2026")
    assert pages_of(pdf) >= 4
    assert pages_of(print_labels([["Ragna", "Veien 1"]] * 25, title="Etiketter")) == 2


# --- The pages -------------------------------------------------------------------------------------------------------


def address(name: str, message: Message, branch: Branch) -> str:
    return reverse(f"messaging:{name}", args=[branch.slug, message.pk])


def make(client: Client, branch: Branch, message: Message, what: str) -> Job:
    answer = client.post(address("letters_make", message, branch), {"handling": what})
    assert answer.status_code == 302
    return Job.objects.latest("created_at")


@pytest.mark.parametrize(("what", "name"), [("brev", "brev-kafjord"), ("etiketter", "etiketter-kafjord")])
def test_the_pdf_is_made_for_its_owner(
    branch: Branch,
    officer: User,
    client_for: ClientFor,
    what: str,
    name: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    message = letter_to(branch, officer, neighbour(branch), neighbour(branch, "Odd"))
    client = client_for(officer)
    with django_capture_on_commit_callbacks(execute=True):
        job = make(client, branch, message, what)
    job.refresh_from_db()
    assert (job.state, job.problem) == (JobState.DONE, "")
    assert job.file_name == f"{name}-2026-11-20.pdf"
    file = client.get(reverse("membership:job_file", args=[branch.slug, job.pk]))
    assert pages_of(b"".join(file)) == 1
    event = AuditEvent.objects.get(verb=Verb.LETTERS_MADE)
    assert (event.count, event.object_id) == (2, str(message.pk))


def test_a_second_tap_leads_to_the_first_ones_page(branch: Branch, officer: User, client_for: ClientFor) -> None:
    message = letter_to(branch, officer, neighbour(branch))
    client = client_for(officer)
    assert make(client, branch, message, "brev") == make(client, branch, message, "brev")
    assert Job.objects.count() == 1


def test_nobody_left_to_print_to_is_said(
    branch: Branch, officer: User, client_for: ClientFor, django_capture_on_commit_callbacks: Any
) -> None:
    ragna = neighbour(branch)
    message = letter_to(branch, officer, ragna)
    Member.objects.filter(pk=ragna.pk).update(status="resigned")
    with django_capture_on_commit_callbacks(execute=True):
        job = make(client_for(officer), branch, message, "brev")
    job.refresh_from_db()
    assert (job.state, job.problem) == (JobState.FAILED, "Det er ingen brev å skrive ut.")
    assert message.recipients.get().left_out == Reason.LEFT


def test_one_whose_right_ended_meanwhile_gets_no_file(
    branch: Branch, officer: User, client_for: ClientFor, django_capture_on_commit_callbacks: Any
) -> None:
    message = letter_to(branch, officer, neighbour(branch))
    with django_capture_on_commit_callbacks() as callbacks:
        job = make(client_for(officer), branch, message, "brev")
    officer.grants.update(ends_on=TODAY - timedelta(days=1))
    for callback in callbacks:
        callback()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert not job.file


def test_letters_are_marked_as_posted_and_that_is_taken_back(
    branch: Branch, officer: User, client_for: ClientFor
) -> None:
    message = letter_to(branch, officer, neighbour(branch), neighbour(branch, "Odd"))
    client, url = client_for(officer), address("letters_posted", message, branch)
    page = client.post(url, {"antall": "2"}, follow=True)
    assert not_posted(message).count() == 0
    assert "2 brev er merket som postet." in page.content.decode()
    when = page.context["undo"]
    assert when is not None
    client.post(url, {"angre": when.isoformat()})
    assert not_posted(message).count() == 2


@pytest.mark.parametrize("seen", ["1", "", "x"])
def test_a_list_that_has_changed_is_not_marked(branch: Branch, officer: User, client_for: ClientFor, seen: str) -> None:
    message = letter_to(branch, officer, neighbour(branch), neighbour(branch, "Odd"))
    page = client_for(officer).post(address("letters_posted", message, branch), {"antall": seen}, follow=True)
    assert not_posted(message).count() == 2
    assert "Lista er endret siden du så den." in page.content.decode()


def test_marking_twice_marks_once(branch: Branch, officer: User) -> None:
    message = letter_to(branch, officer, neighbour(branch))
    ids = list(message.recipients.values_list("pk", flat=True))
    assert mark_posted(message, recipient_ids=ids, by=officer, now=NOW) == 1
    assert mark_posted(message, recipient_ids=ids, by=officer, now=NOW + timedelta(hours=1)) == 0
    assert message.recipients.get().posted_at == NOW
    assert AuditEvent.objects.filter(verb=Verb.LETTERS_POSTED).count() == 1


@pytest.mark.parametrize("moment", ["i går", "2026-13-45T99:00", "2026-11-20T18:00:00"])
def test_a_moment_that_is_none_takes_nothing_back(
    branch: Branch, officer: User, client_for: ClientFor, moment: str
) -> None:
    message = letter_to(branch, officer, neighbour(branch))
    mark_posted(message, recipient_ids=[message.recipients.get().pk], by=officer, now=NOW)
    client = client_for(officer)
    client.post(address("letters_posted", message, branch), {"angre": moment})
    assert client.get(address("letters", message, branch), {"postet": moment}).status_code == 200
    assert not_posted(message).count() == 0


def test_an_empty_list_says_why(branch: Branch, officer: User, client_for: ClientFor) -> None:
    message = letter_to(branch, officer)
    assert "Ingen skal ha brev" in client_for(officer).get(address("letters", message, branch)).content.decode()


def test_a_leader_who_may_not_take_lists_out_makes_no_letters(branch: Branch, client_for: ClientFor) -> None:
    leader = make_officer(branch, Role.BRANCH_LEADER)
    message = letter_to(branch, leader, neighbour(branch))
    assert client_for(leader).get(address("letters", message, branch)).status_code == 404


@pytest.mark.parametrize("n", [1, 30])
def test_the_list_costs_the_same_for_one_and_thirty(
    branch: Branch, officer: User, client_for: ClientFor, n: int, django_assert_num_queries: Any
) -> None:
    message = letter_to(branch, officer, *(neighbour(branch, f"Ragna{i}") for i in range(n)))
    client = client_for(officer)
    with django_assert_num_queries(9):
        client.get(address("letters", message, branch))


def test_one_who_was_shielded_since_is_not_named(branch: Branch, officer: User, client_for: ClientFor) -> None:
    ragna = neighbour(branch)
    message = letter_to(branch, officer, ragna, neighbour(branch, "Odd"))
    client, url = client_for(officer), address("letters", message, branch)
    assert "Qvilnes, Ragna" in client.get(url).content.decode()
    Member.objects.filter(pk=ragna.pk).update(address_protection="strict")
    text = client.get(url).content.decode()
    assert "Qvilnes, Ragna" not in text
    assert "Qvilnes, Odd" in text
