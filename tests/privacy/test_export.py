"""Everything about a member is given out, and nothing of others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, cast

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.enums import Verb
from accounts.models import AuditEvent
from calling.models import Call, CallList, CallListCaller
from common.policy import policy
from dues.enums import PaymentSource
from dues.models import Payment, PaymentBatch
from membership.actions.editing import Edit, Pen, write
from membership.actions.merging import merge
from membership.enums import AddressProtection, ChangeSource, PairState
from membership.models import BoardPost, DuplicatePair, FormerNumber, Member, MoveRequest
from membership.roles import Role
from messaging.enums import BlockReason, Channel, DeliveryState, InboxState, Purpose
from messaging.models import BlockedAddress, Delivery, InboxMessage, InboxReply, Message, MessageText, Recipient
from privacy.enums import CaseState, HoldReason, LinkKind
from privacy.export import NOT_GIVEN, SECTIONS, as_json, everything
from privacy.exporting.register import GIVEN, MADE_FROM_OTHERS, SAID
from privacy.models import AccessLink, Departure, Hold, RightsRequest, StayAgreement, UnpaidCase, UnpaidRound
from recruitment.models import RecruiterLink
from tests.factories import (
    NOW,
    TODAY,
    make_branch,
    make_claim,
    make_county,
    make_member,
    make_officer,
    make_tag,
    make_user,
)
from tests.privacy_my import open_for

PAGE = "/min-side/meg/alt/"
FILE = "/min-side/meg/alt.json"
# Rules of docs/retention.yaml whose tables tell of no member: of users, of branches, of work, or of nobody.
NOT_OF_MEMBERS = {
    *("accounts.User", "account.EmailAddress", "account.EmailConfirmation", "mfa.Authenticator", "sessions.Session"),
    *("membership.Grant", "membership.SavedView", "membership.CorrectionsReport"),
    # Work on many, files of a day, and what undoing needs: ids, and copies that go by themselves.
    *("membership.ChangeBatch", "membership.RegisterImport", "jobs.Job", "membership.DuplicateCheck"),
    # Of people who are gone.
    *("membership.ErasedNumber", "membership.ErasedCount"),
    # Whole lists and their headings; a member's own line is given.
    *("calling.CallList", "calling.CallListCaller", "dues.PaymentBatch", "privacy.UnpaidRound"),
    *("messaging.Message", "messaging.MessageText", "messaging.MessageTemplate", "messaging.MessagingSettings"),
    *("recruitment.Target", "recruitment.TargetRound"),
    *("privacy.Breach", "privacy.AccessReview", "privacy.AccessReviewLine", "privacy.PrivacySettings"),
    # Told of under NOT_GIVEN, by relation.
    *("membership.DuplicatePair", "messaging.InboxMessage_candidates"),
}


@pytest.fixture
def member(db: None) -> Member:
    county = make_county()
    return make_member(make_branch(county, "Kåfjord"), "Ane", "Fjellvær", email="ane@example.no")


def relations() -> Iterator[str]:
    """Each column or table of ours that points to a member, as app.Model.field."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey | models.ManyToManyField) and field.related_model is Member:
                yield f"{model._meta.label}.{field.name}"


def test_every_relation_to_a_member_is_given_out_or_has_a_reason() -> None:
    tables = {label for section in SECTIONS for label in section.models}
    missing = {name for name in relations() if name not in NOT_GIVEN and name.rpartition(".")[0] not in tables}
    assert missing == set(), "put them in a section of privacy/exporting, or under NOT_GIVEN with the reason"


def test_no_reason_is_given_for_what_is_gone() -> None:
    assert set(NOT_GIVEN) <= set(relations())


def test_every_table_with_a_rule_of_keeping_is_given_out_or_tells_of_no_member() -> None:
    kept = {label for rule in policy().rules.values() for label in rule.fields}
    given = {label for section in SECTIONS for label in section.models}
    beyond = {label for label in kept - given - NOT_OF_MEMBERS if not label.startswith("tests.")}
    assert beyond == set(), "tell in privacy/exporting what is kept there of a member, or write it above"


def test_every_column_of_the_record_is_given_out_or_made_from_others() -> None:
    columns = {field.name for field in Member._meta.get_fields() if isinstance(field, models.Field)}
    assert columns - {*GIVEN, *SAID, *MADE_FROM_OTHERS, "id", "tags"} == set()


def test_keys_of_sections_are_one_each() -> None:
    keys = [section.key for section in SECTIONS]
    assert len(keys) == len(set(keys))


# --- With something in every table -----------------------------------------------------------------------------------


def fill(member: Member) -> None:
    """Something in every section."""
    county, branch = member.county, member.branch
    officer = make_officer(branch, Role.MEMBERSHIP_OFFICER, name="Qvigstad Ansvarlig")
    caller = make_officer(branch, Role.CALLER, name="Qvigstad Ringer")
    other = make_member(branch, "Zakarias", "Qvigstad", recruited_by=member)
    values = {"note": "Ønsker brev", "recruited_by_id": other.pk, "recruited_by_text": "Zakarias Qvigstad"}
    write([Edit(member, {**values, "skills": "Førerkort"})], pen=Pen(officer, ChangeSource.OFFICER, NOW, TODAY))
    make_tag(county, "Kvinnenettverket", member)
    BoardPost.objects.create(branch=branch, title="leader", member=member, starts_on=date(2026, 1, 1))
    FormerNumber.objects.create(number="998877", member=member)
    to = make_branch(county, "Skjervøy")
    MoveRequest.objects.create(
        member=member, from_branch=branch, to_branch=to, asked_at=NOW, asked_by=officer, state="refused", reason="Nei"
    )
    DuplicatePair.objects.create(
        county=county, first=member, second=other, score=80, state=PairState.OPEN, found_at=NOW, reasons=["name"]
    )
    claim = make_claim(member, outstanding_ore=20000)
    batch = PaymentBatch.objects.create(
        branch=county, source=PaymentSource.MANUAL, year=2026, as_of_on=TODAY, created_at=NOW, created_by=officer
    )
    Payment.objects.create(
        claim=claim, batch=batch, amount_ore=25000, paid_on=TODAY, source=PaymentSource.MANUAL, created_at=NOW
    )
    listed = CallList.objects.create(branch=branch, purpose="welcome", made_by=officer, created_at=NOW)
    place = CallListCaller.objects.create(call_list=listed, user=caller, name=caller.name, position=1)
    Call.objects.create(
        call_list=listed, caller=place, member=member, position=1, outcome="call_back", note="Ring etter påske"
    )
    _messages(member, officer)
    _privacy(member, officer)
    RecruiterLink.objects.create(member=member, code="abcdefghjkmn", made_at=NOW)


def _messages(member: Member, officer: Any) -> None:
    message = Message.objects.create(
        branch=member.branch,
        county=member.county,
        purpose=Purpose.NEWSLETTER,
        way="email",
        created_by=officer,
        created_at=NOW,
        changed_at=NOW,
        changed_by=officer,
    )
    MessageText.objects.create(message=message, language="nb", subject="Nytt fra Kåfjord", body="Hei")
    sent = {"channel": Channel.EMAIL, "address": member.email, "state": DeliveryState.SENT, "created_at": NOW}
    delivery = Delivery.objects.create(
        key="m1", message=message, purpose=Purpose.NEWSLETTER, not_before_at=NOW, wipe_at=NOW, sent_at=NOW, **sent
    )
    Recipient.objects.create(message=message, member=member, channel=Channel.EMAIL, delivery=delivery)
    Delivery.objects.create(
        key="c1", purpose=Purpose.SIGN_IN, body="Koden er 123456", not_before_at=NOW, wipe_at=NOW, **sent
    )
    came = InboxMessage.objects.create(
        branch=member.branch,
        county=member.county,
        channel=Channel.EMAIL,
        external_id="1",
        address=member.email,
        text="Når er årsmøtet?",
        state=InboxState.ANSWERED,
        member=member,
        received_at=NOW,
    )
    InboxReply.objects.create(inbox_message=came, text="Den femte mars.", by=officer, at=NOW)
    BlockedAddress.objects.create(
        channel=Channel.EMAIL, address=member.email, reason=BlockReason.SOFT, strikes=1, noted_at=NOW
    )


def _privacy(member: Member, officer: Any) -> None:
    Departure.objects.create(
        member=member,
        way="email",
        left_on=TODAY,
        recorded_at=NOW,
        recorded_by=officer,
        text="Jeg slutter",
        status_before="member",
        erase_on=TODAY,
        returned_at=NOW,
    )
    Hold.objects.create(member=member, reason=HoldReason.DISPUTE, until_on=TODAY, placed_at=NOW, placed_by=officer)
    StayAgreement.objects.create(member=member, year=2025, agreed_at=NOW)
    round_ = UnpaidRound.objects.create(county=member.county, year=2025, created_at=NOW)
    UnpaidCase.objects.create(round=round_, member=member, state=CaseState.STAYS)
    AccessLink.objects.create(
        digest="d" * 64,
        kind=LinkKind.RESIGN,
        channel=Channel.EMAIL,
        address=member.email,
        member=member,
        created_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    RightsRequest.objects.create(
        branch=member.branch,
        county=member.county,
        member=member,
        kind="access",
        way="email",
        text="Hva har dere?",
        answer="Dette har vi.",
        received_on=TODAY,
        due_on=TODAY,
        created_at=NOW,
        created_by=officer,
    )


@pytest.fixture
def filled(member: Member) -> Member:
    fill(member)
    return Member.objects.get(pk=member.pk)


def test_something_is_given_of_every_section(filled: Member) -> None:
    AuditEvent.objects.create(
        at=NOW, verb=Verb.MEMBER_OPENED, object_type="membership.member", object_id=str(filled.pk), erase_on=TODAY
    )
    empty = {part.key for part in everything(filled) if not part.records}
    # No merge has been done.
    assert empty == {"merges"}


def test_the_file_holds_what_is_known_with_stable_keys(filled: Member) -> None:
    made = json.loads(json.dumps(as_json(filled, TODAY)))
    told = made["sections"]
    assert made["made_on"] == "2026-11-20"
    (person,) = told["person"]
    assert person["note"] == "Ønsker brev"
    assert person["joined_on"] == "2020-01-15"
    assert person["was_recruited"] is True
    assert person["has_recruited"] == 1
    assert told["claims"][0]["outstanding_ore"] == 20000
    assert told["payments"][0]["amount_ore"] == 25000
    assert told["calls"][0]["note"] == "Ring etter påske"
    assert told["calls"][0]["by"] == "caller"
    assert told["inbox"][0]["answers"] == ["Den femte mars."]
    assert told["departures"][0]["text"] == "Jeg slutter"
    assert set(told) == {section.key for section in SECTIONS} == set(made["kept_until"])
    assert all(made["kept_until"].values())


def test_nothing_of_others_is_in_it(filled: Member, client: Client) -> None:
    open_for(client, filled)
    for text in (client.get(PAGE).content.decode(), client.get(FILE).content.decode()):
        for word in ("Qvigstad", "Zakarias", "123456", "d" * 64):
            assert word not in text


def test_what_went_to_a_shared_address_is_not_given(filled: Member) -> None:
    make_member(filled.branch, "Berit", email=filled.email.upper())
    made = as_json(filled, TODAY)["sections"]
    assert (made["notices"], made["blocked"]) == ([], [])
    assert len(made["messages"]) == 1


def type_in(member: Member, **values: Any) -> dict[str, Any]:
    """What the file says after the member has written this of themself a day later."""
    later = NOW + timedelta(days=1)
    write([Edit(Member.objects.get(pk=member.pk), values)], pen=Pen(None, ChangeSource.MEMBER, later, TODAY))
    return cast("dict[str, Any]", as_json(Member.objects.get(pk=member.pk), TODAY)["sections"])


def test_what_went_to_an_address_before_one_typed_it_is_not_given(filled: Member) -> None:
    for channel, address in ((Channel.EMAIL, "fremmed@example.no"), (Channel.SMS, "+4740000077")):
        Delivery.objects.create(
            key=f"x{channel}",
            purpose=Purpose.SIGN_IN,
            channel=channel,
            address=address,
            state=DeliveryState.SENT,
            created_at=NOW,
            not_before_at=NOW,
            wipe_at=NOW,
        )
        BlockedAddress.objects.create(
            channel=channel, address=address, reason=BlockReason.WRONG, noted_at=NOW, blocked_at=NOW
        )
    made = type_in(filled, email="fremmed@example.no", mobile="+4740000077")
    assert made["notices"] == []
    assert made["blocked"] == []


def test_what_came_after_one_wrote_the_address_is_given(filled: Member) -> None:
    type_in(filled, email="ny@example.no")
    after = NOW + timedelta(days=2)
    Delivery.objects.create(
        key="x",
        purpose=Purpose.NOTICE,
        channel=Channel.EMAIL,
        address="ny@example.no",
        state=DeliveryState.SENT,
        created_at=after,
        not_before_at=after,
        wipe_at=after,
    )
    BlockedAddress.objects.create(
        channel=Channel.EMAIL, address="ny@example.no", reason=BlockReason.SOFT, noted_at=after
    )
    made = as_json(Member.objects.get(pk=filled.pk), TODAY)["sections"]
    assert (len(made["notices"]), len(made["blocked"])) == (1, 1)


def test_what_is_a_user_s_or_another_member_s_is_not_given(filled: Member) -> None:
    assert as_json(filled, TODAY)["sections"]["notices"] != []
    make_user("Kari Nordvik", email=filled.email.upper())
    made = as_json(filled, TODAY)["sections"]
    assert (made["notices"], made["blocked"]) == ([], [])


def test_a_protected_address_is_not_in_it_nor_which_kind_it_is(filled: Member) -> None:
    for values in ({"street": "Strandveien 1"}, {"address_protection": AddressProtection.STRICT}):
        write([Edit(Member.objects.get(pk=filled.pk), values)], pen=Pen(None, ChangeSource.OFFICER, NOW, TODAY))
    made = as_json(Member.objects.get(pk=filled.pk), TODAY)
    assert made["sections"]["person"][0]["street"] is True
    assert made["sections"]["person"][0]["address_protection"] is True
    assert "Strandveien" not in str(made)
    assert "strict" not in str(made)


def test_a_record_that_was_folded_in_is_given_in_words(member: Member) -> None:
    lost = make_member(member.branch, "ane", "Fjellvær", gender="K", joined_on=date(2021, 2, 3), note="gammel")
    officer = make_officer(member.branch)
    chosen: dict[str, str] = {}
    merge(member.county, kept_id=member.pk, lost_id=lost.pk, chosen=chosen, by=officer, now=NOW, today=TODAY)
    (part,) = [part for part in everything(Member.objects.get(pk=member.pk)) if part.key == "merges"]
    said = {item.key: item.text for item in part.records[0]}
    assert said["gender"] == "Kvinne"
    assert said["joined_on"] == "03.02.2021"
    assert said["first_name"] == "ane"
    assert said["status"] == "Medlem"


def test_both_ways_of_fetching_are_logged(member: Member, client: Client) -> None:
    open_for(client, member)
    client.get(PAGE)
    answer = client.get(FILE)
    assert answer["Content-Disposition"] == 'attachment; filename="medlemsboka-2026-11-20.json"'
    assert answer["Cache-Control"] == "no-store"
    assert answer.json()["member_number"] == member.member_number
    events = AuditEvent.objects.filter(verb=Verb.MY_DATA_FETCHED, object_id=str(member.pk)).order_by("id")
    assert [event.details for event in events] == [{"way": "page"}, {"way": "file"}]


def test_the_page_names_what_there_is_nothing_of(member: Member, client: Client) -> None:
    text = open_for(client, member).get(PAGE).content.decode()
    assert "Dette er det ikke lagret noe om" in text
    assert "Beholdes til:" in text


def test_it_costs_the_same_for_one_row_and_for_many(member: Member) -> None:
    def cost() -> int:
        found = Member.objects.select_related("branch", "municipal", "county").get(pk=member.pk)
        with CaptureQueriesContext(connection) as queries:
            everything(found)
        return len(queries)

    make_claim(member, year=2020)
    make_tag(member.county, "En", member)
    one = cost()
    for n in range(3):
        make_claim(member, year=2021 + n)
        make_tag(member.county, f"Gruppe {n}", member)
    assert cost() == one
