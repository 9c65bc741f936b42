"""Reservations, dues, moving, requests, channels, recruiting and leaving, on Min side."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.enums import Verb
from accounts.models import AuditEvent
from dues.enums import PaymentSource
from dues.models import Payment, PaymentBatch
from membership.actions.editing import Edit, Pen, write
from membership.actions.moves import accept, refuse, request_move
from membership.enums import AddressProtection, ChangeSource, MemberStatus, MoveState
from membership.models import BoardPost, Branch, Member, MemberChange, MoveRequest
from membership.roles import Role
from messaging.enums import BlockReason, Channel
from messaging.models import BlockedAddress
from privacy.actions.departures import MayNotLeave, leave
from privacy.actions.my_reservations import NotAReservation, choose_own
from privacy.enums import LeaveWay, RequestKind, RequestWay
from privacy.models import Departure, RightsRequest
from recruitment.models import RecruiterLink
from recruitment.recruiter_links import NotAMember, drop_recruiter_link, make_recruiter_link
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer, make_tag
from tests.privacy_my import open_for


@pytest.fixture
def county(db: None) -> Branch:
    return make_county()


@pytest.fixture
def member(county: Branch) -> Member:
    return make_member(make_branch(county, "Kåfjord"), "Ane", "Fjellvær")


@pytest.fixture
def mine(client: Client, member: Member) -> Client:
    return open_for(client, member)


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


# --- Reservations ----------------------------------------------------------------------------------------------------

RESERVATIONS = "/min-side/meg/reservasjoner/"
ALL = ("no_email", "no_sms", "no_newsletter", "no_meetings", "no_surveys", "no_recruitment", "no_phone", "no_post")


def ticked(*off: str, gifts: bool = False, gifts_before: bool = False) -> dict[str, str]:
    """The form, everything wanted but these."""
    data = {f"initial-{name}": "True" for name in ALL} | {name: "on" for name in ALL if name not in off}
    data["initial-fundraising_consent_on"] = "True" if gifts_before else "False"
    return data | ({"fundraising_consent_on": "on"} if gifts else {})


def test_channels_and_purposes_are_turned_off_and_on(mine: Client, member: Member) -> None:
    assert mine.post(RESERVATIONS, ticked("no_sms", "no_surveys")).status_code == 302
    after = fresh(member)
    assert (after.no_sms, after.no_surveys, after.no_email) == (True, True, False)
    assert set(MemberChange.objects.values_list("source", flat=True)) == {"member"}
    mine.post(RESERVATIONS, {"initial-no_sms": "False", "no_sms": "on"})
    assert not fresh(member).no_sms
    assert fresh(member).no_surveys


def test_consent_to_be_asked_for_gifts_is_given_as_of_today_and_taken_back(mine: Client, member: Member) -> None:
    mine.post(RESERVATIONS, ticked(gifts=True))
    assert fresh(member).fundraising_consent_on == TODAY
    mine.post(RESERVATIONS, ticked(gifts_before=True))
    assert fresh(member).fundraising_consent_on is None


def test_consent_said_before_keeps_its_day(mine: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(fundraising_consent_on=date(2024, 5, 1))
    mine.post(RESERVATIONS, ticked(gifts=True))
    assert fresh(member).fundraising_consent_on == date(2024, 5, 1)


def test_nobody_under_18_is_asked_for_gifts(mine: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(birth_on=date(2010, 1, 1), birth_year=2010)
    assert "fundraising_consent_on" not in text_of(mine, RESERVATIONS)
    mine.post(RESERVATIONS, ticked(gifts=True))
    assert fresh(member).fundraising_consent_on is None
    with pytest.raises(NotAReservation):
        choose_own(fresh(member), {"fundraising_consent_on": TODAY}, now=NOW, today=TODAY)


@pytest.mark.parametrize("values", [{"status": "expelled"}, {"fundraising_consent_on": date(2020, 1, 1)}])
def test_only_reservations_are_chosen(values: dict[str, Any], member: Member) -> None:
    with pytest.raises(NotAReservation):
        choose_own(member, values, now=NOW, today=TODAY)


def test_choosing_twice_is_once(member: Member) -> None:
    assert choose_own(member, {"no_sms": True}, now=NOW, today=TODAY)
    assert not choose_own(member, {"no_sms": True}, now=NOW, today=TODAY)
    assert AuditEvent.objects.filter(verb=Verb.MY_PAGE_CHANGED).count() == 1


def test_whoever_has_said_stopp_is_told_how_to_start_again(mine: Client, member: Member) -> None:
    BlockedAddress.objects.create(
        channel=Channel.SMS, address=member.mobile, reason=BlockReason.STOPP, noted_at=NOW, blocked_at=NOW
    )
    text = text_of(mine, RESERVATIONS)
    assert "Send START" in text
    assert 'name="no_sms"' not in text


def test_a_stranger_s_stopp_is_not_told_to_whoever_types_the_number(mine: Client, member: Member) -> None:
    BlockedAddress.objects.create(
        channel=Channel.SMS, address="+4740000077", reason=BlockReason.STOPP, noted_at=NOW, blocked_at=NOW
    )
    pen = Pen(None, ChangeSource.MEMBER, NOW + timedelta(days=1), TODAY)
    write([Edit(Member.objects.get(pk=member.pk), {"mobile": "+4740000077", "mobile_ok": True})], pen=pen)
    assert "Send START" not in text_of(mine, RESERVATIONS)


# --- Dues ------------------------------------------------------------------------------------------------------------


def test_dues_tell_what_is_paid_and_how_to_pay_the_rest(mine: Client, member: Member, county: Branch) -> None:
    claim = make_claim(member, outstanding_ore=20000)
    old = make_claim(member, year=2025, outstanding_ore=0)
    by = make_officer(county, Role.COUNTY_SECRETARY, name="Kari Nordvik")
    batch = PaymentBatch.objects.create(
        branch=county, source=PaymentSource.MANUAL, year=2026, as_of_on=TODAY, created_at=NOW, created_by=by
    )
    paid = {"batch": batch, "source": PaymentSource.MANUAL, "created_at": NOW, "created_by": by}
    Payment.objects.create(claim=claim, amount_ore=25000, paid_on=date(2026, 3, 2), **paid)
    text = text_of(mine, "/min-side/meg/kontingent/")
    assert "450 kr" in text
    assert "250 kr" in text
    assert "200 kr" in text
    assert "Betalt 02.03.2026" in text
    assert claim.kid in text
    assert old.kid not in text
    assert "15. mars 2026" in text
    assert "Nordvik" not in text


# --- Moving ----------------------------------------------------------------------------------------------------------

MOVE = "/min-side/meg/flytt/"


def test_one_asks_to_move_and_the_other_branch_answers(mine: Client, member: Member, county: Branch) -> None:
    to = make_branch(county, "Skjervøy")
    assert mine.post(MOVE, {"to": to.slug}).status_code == 302
    asked = MoveRequest.objects.get()
    assert (asked.member, asked.to_branch, asked.by_member, asked.asked_by) == (member, to, True, None)
    assert "Du spurte Skjervøy Arbeiderparti" in text_of(mine, MOVE)
    officer = make_officer(to)
    accept(asked, by=officer, now=NOW, today=TODAY)
    assert "Du hører til Skjervøy Arbeiderparti" in text_of(mine, MOVE)


def test_the_branch_s_officer_sees_it_among_the_others(
    mine: Client, member: Member, county: Branch, client_for: Any
) -> None:
    to = make_branch(county, "Skjervøy")
    mine.post(MOVE, {"to": to.slug})
    text = client_for(make_officer(to)).get(f"/lag/{to.slug}/flytting/").content.decode()
    assert "Ane Fjellvær" in text


def test_one_withdraws_what_one_asked_for_oneself_only(mine: Client, member: Member, county: Branch) -> None:
    to = make_branch(county, "Skjervøy")
    mine.post(MOVE, {"to": to.slug})
    mine.post(MOVE, {"handling": "trekk"})
    mine.post(MOVE, {"handling": "trekk"})
    assert MoveRequest.objects.get().state == MoveState.WITHDRAWN
    request_move(member, to=to, by=make_officer(to), now=NOW, today=TODAY)
    mine.post(MOVE, {"handling": "trekk"})
    assert MoveRequest.objects.waiting().count() == 1


def test_a_no_is_told_with_its_reason(mine: Client, member: Member, county: Branch) -> None:
    to = make_branch(county, "Skjervøy")
    mine.post(MOVE, {"to": to.slug})
    refuse(MoveRequest.objects.get(), by=make_officer(to), now=NOW, reason="Du bor i Kåfjord.")
    text = text_of(mine, MOVE)
    assert "Du bor i Kåfjord." in text
    assert 'name="to"' in text


@pytest.mark.parametrize("place", ["kafjord", "finnmark", "gamle", "", "ukjent"])
def test_where_nobody_can_move_to_is_refused(place: str, mine: Client, county: Branch) -> None:
    make_county("Finnmark")
    Branch.objects.filter(pk=make_branch(county, "Gamle").pk).update(valid_to=TODAY)
    assert mine.post(MOVE, {"to": place}).status_code == 422
    assert not MoveRequest.objects.exists()


def test_two_requests_at_once_are_one(mine: Client, county: Branch) -> None:
    mine.post(MOVE, {"to": make_branch(county, "Skjervøy").slug})
    answer = mine.post(MOVE, {"to": make_branch(county, "Storfjord").slug})
    assert answer.status_code == 422
    assert MoveRequest.objects.count() == 1


# --- Requests --------------------------------------------------------------------------------------------------------

ASK = "/min-side/meg/henvendelse/"
NOT_A_REQUEST: tuple[dict[str, str], ...] = (
    {},
    {"kind": "access"},
    {"kind": "all", "text": "x"},
    {"kind": "access", "text": " "},
)


def test_a_request_is_registered_with_its_deadline(mine: Client, member: Member) -> None:
    assert mine.post(ASK, {"kind": "correction", "text": "Jeg er født i 1979."}).status_code == 302
    made = RightsRequest.objects.get()
    assert (made.member, made.kind, made.way) == (member, RequestKind.CORRECTION, RequestWay.MY_PAGE)
    assert (made.branch, made.received_on, made.due_on) == (member.branch, TODAY, date(2026, 12, 20))
    assert made.created_by is None
    text = text_of(mine, ASK)
    assert "Jeg er født i 1979." in text
    assert "20. desember 2026" in text


def test_the_answer_is_read_here(mine: Client) -> None:
    mine.post(ASK, {"kind": "access", "text": "Hva har dere?"})
    RightsRequest.objects.update(state="answered", answer="Dette har vi.", answered_on=TODAY)
    assert "Dette har vi." in text_of(mine, ASK)


@pytest.mark.parametrize("data", NOT_A_REQUEST)
def test_a_request_without_kind_or_words_is_refused(data: dict[str, str], mine: Client) -> None:
    assert mine.post(ASK, data).status_code == 422
    assert not RightsRequest.objects.exists()


def test_no_more_than_five_wait_at_once(mine: Client) -> None:
    for n in range(7):
        mine.post(ASK, {"kind": "access", "text": f"Nummer {n}"})
    assert RightsRequest.objects.count() == 5
    assert "Vent på svarene" in text_of(mine, ASK)


# --- Groups and channels ---------------------------------------------------------------------------------------------


def test_channels_are_web_addresses_and_posts_are_named(mine: Client, member: Member, county: Branch) -> None:
    branch = member.branch
    branch.email, branch.meeting_place = "kafjord@example.no", "Samfunnshuset"
    branch.facebook_page, branch.facebook_group = "https://facebook.example/kafjord", "javascript:alert(1)"
    branch.save()
    leader = make_member(branch, "Solveig", "Leder", mobile="+4747000777")
    hidden = make_member(branch, "Skjult", "Person", address_protection=AddressProtection.STRICT)
    for title, holder in (("leader", leader), ("membership", hidden), ("women", make_member(branch, "Ikke", "Nevnt"))):
        BoardPost.objects.create(branch=branch, title=title, member=holder, starts_on=date(2026, 1, 1))
    make_tag(county, "Kvinnenettverket", member)
    text = text_of(mine, "/min-side/meg/grupper/")
    assert 'href="https://facebook.example/kafjord" rel="noopener noreferrer"' in text
    assert "javascript:" not in text
    assert "Samfunnshuset" in text
    assert "Solveig Leder" in text
    assert "Kvinnenettverket" in text
    for word in ("Skjult", "Nevnt", "47000777", leader.email):
        assert word not in text


# --- Recruiting ------------------------------------------------------------------------------------------------------

RECRUIT = "/min-side/meg/verv/"


def test_the_link_is_made_when_asked_for_and_thrown_away(mine: Client, member: Member) -> None:
    assert "Lag lenka mi" in text_of(mine, RECRUIT)
    assert not RecruiterLink.objects.exists()
    mine.post(RECRUIT, {"handling": "lag"})
    first = RecruiterLink.objects.get().code
    mine.post(RECRUIT, {"handling": "lag"})
    assert RecruiterLink.objects.get().code == first
    assert f"/verv/{first}/" in text_of(mine, RECRUIT)
    mine.post(RECRUIT, {"handling": "ny"})
    second = RecruiterLink.objects.get().code
    assert second != first
    assert Client().get(f"/verv/{first}/").status_code == 404
    mine.post(RECRUIT, {"handling": "kast"})
    mine.post(RECRUIT, {"handling": "kast"})
    assert not RecruiterLink.objects.exists()
    assert AuditEvent.objects.filter(verb=Verb.MY_PAGE_CHANGED, object_id=str(member.pk)).count() == 4


def test_the_qr_code_is_a_picture_and_a_file(mine: Client) -> None:
    assert mine.get(f"{RECRUIT}qr.svg").status_code == 404
    mine.post(RECRUIT, {"handling": "lag"})
    drawn, file = mine.get(f"{RECRUIT}qr.svg"), mine.get(f"{RECRUIT}qr.png")
    assert drawn["Content-Type"] == "image/svg+xml"
    assert file.content.startswith(b"\x89PNG")
    assert file["Content-Disposition"] == 'attachment; filename="qr.png"'


def test_the_code_says_nothing_of_the_member(member: Member) -> None:
    code = make_recruiter_link(member, now=NOW).code
    assert len(code) == 12
    assert member.member_number not in code
    assert drop_recruiter_link(member, now=NOW)
    assert make_recruiter_link(member, now=NOW).code != code


def test_only_members_recruit(mine: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(status=MemberStatus.APPLIED)
    mine.post(RECRUIT, {"handling": "lag"})
    assert "Bare medlemmer kan verve andre" in text_of(mine, RECRUIT)
    with pytest.raises(NotAMember):
        make_recruiter_link(fresh(member), now=NOW)


# --- Leaving ---------------------------------------------------------------------------------------------------------

LEAVE = "/min-side/meg/meld-ut/"


def test_reading_what_leaving_means_changes_nothing(mine: Client, member: Member) -> None:
    assert "27. november 2026" in text_of(mine, LEAVE)
    assert fresh(member).status == MemberStatus.MEMBER


def test_one_button_ends_it_and_the_session(mine: Client, member: Member) -> None:
    answer = mine.post(LEAVE)
    assert (answer.status_code, answer["Location"]) == (302, "/utmelding/")
    departure = Departure.objects.get()
    assert (departure.member, departure.way, departure.recorded_by) == (member, LeaveWay.MY_PAGE, None)
    assert fresh(member).status == MemberStatus.RESIGNED
    assert "27. november 2026" in text_of(mine, "/utmelding/")
    assert mine.get("/min-side/meg/").status_code == 302
    assert mine.post(LEAVE).status_code == 302
    assert Departure.objects.count() == 1


def test_one_whose_day_of_joining_is_wrong_leaves_too(mine: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(joined_on=date(2027, 1, 1))
    mine.post(LEAVE)
    assert fresh(member).status == MemberStatus.RESIGNED


def test_one_who_was_put_out_cannot_make_it_a_resignation(mine: Client, member: Member) -> None:
    """Or the record that says so would be erased within days."""
    Member.objects.filter(pk=member.pk).update(status=MemberStatus.EXPELLED)
    assert LEAVE not in text_of(mine, "/min-side/meg/")
    assert (mine.get(LEAVE).status_code, mine.post(LEAVE).status_code) == (404, 404)
    with pytest.raises(MayNotLeave):
        leave(member, way=LeaveWay.MY_PAGE, left_on=TODAY, by=None, now=NOW, today=TODAY)
    assert fresh(member).status == MemberStatus.EXPELLED
    assert not Departure.objects.exists()
