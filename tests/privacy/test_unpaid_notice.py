from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import User
from dues.models import Claim
from membership.enums import MemberStatus
from membership.models import Branch, Member
from messaging.enums import Channel, DeliveryState
from messaging.models import Delivery
from privacy.actions import unpaid as actions
from privacy.actions import unpaid_notice as notices
from privacy.actions import unpaid_striking as striking
from privacy.models import AccessLink, UnpaidCase, UnpaidRound
from privacy.unpaid import standing, without_notice
from tests.factories import NOW, TODAY, make_member
from tests.privacy.keeping import make_file, make_list, make_overdue, notify, pay

pytestmark = pytest.mark.django_db
# The day after the last day to answer, of those told on 20 November.
AFTER = date(2026, 12, 21)


def states(unpaid: UnpaidRound) -> dict[str, str]:
    return dict(UnpaidCase.objects.filter(round=unpaid).values_list("member__first_name", "state"))


def approve(unpaid: UnpaidRound, count: int | None, *, by: User, today: date = AFTER) -> UnpaidRound:
    approved = striking.approve(unpaid, count=count, by=by, now=NOW, today=today)
    striking.strike_all(approved, by=by, now=NOW, today=today)
    approved.refresh_from_db()
    return approved


def crowd(branch: Branch, count: int) -> None:
    """Members who have paid: so that a few are not many."""
    some = make_member(branch, "Mange")
    Member.objects.bulk_create(
        Member(
            member_number=f"M{branch.pk}-{n}",
            branch_id=branch.pk,
            municipal_id=some.municipal_id,
            county_id=some.county_id,
            sort_key="m",
            status=MemberStatus.MEMBER,
        )
        for n in range(count - 1)
    )


def test_notice_by_email_else_sms_else_letter(county: Branch, kafjord: Branch, secretary: User) -> None:
    epost = make_overdue(kafjord, "Epost")
    make_overdue(kafjord, "Sms", email="")
    make_overdue(kafjord, "Nei", no_email=True)
    make_overdue(kafjord, "Retur", email_bounced_on=TODAY, mobile="", mobile_ok=False)
    make_overdue(kafjord, "Brev", email="", mobile="", mobile_ok=False, street="Fjordveien 1", postal_code="9146")
    make_overdue(kafjord, "Ugyldig", email="a@b", mobile="", mobile_ok=False)
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    assert states(unpaid) == {
        "Epost": "notified",
        "Sms": "notified",
        "Nei": "notified",
        "Retur": "letter",
        "Brev": "letter",
        "Ugyldig": "letter",
    }
    assert unpaid.answer_by_on == date(2026, 12, 20)
    sent = {delivery.channel: delivery for delivery in Delivery.objects.filter(key__startswith="unpaid:")}
    assert Delivery.objects.filter(channel=Channel.SMS).count() == 2
    mail = sent[Channel.EMAIL]
    assert mail.address == epost.email
    assert mail.key == f"unpaid:{unpaid.pk}:{epost.pk}"
    assert "20. desember 2026" in mail.body
    assert Claim.objects.get(member=epost).kid in mail.body
    assert "/fortsatt-medlem/" in mail.body
    # On a locked phone, in front of others.
    assert "parti" not in sent[Channel.SMS].body.casefold()
    assert len(sent[Channel.SMS].body) < 320


def test_nobody_is_told_twice(county: Branch, kafjord: Branch, secretary: User) -> None:
    for _ in range(3):
        make_overdue(kafjord)
    unpaid = make_list(county, by=secretary)
    notify(unpaid, by=secretary)
    assert Delivery.objects.count() == 3
    notify(unpaid, by=secretary, today=TODAY + timedelta(days=3))
    assert Delivery.objects.count() == 3
    assert AccessLink.objects.count() == 3
    unpaid.refresh_from_db()
    assert unpaid.answer_by_on == TODAY + timedelta(days=33)


def test_notice_broken_off_goes_on_with_the_rest(
    county: Branch, kafjord: Branch, secretary: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        make_overdue(kafjord)
    monkeypatch.setattr(notices, "CHUNK", 2)
    begun = notices.begin_notice(make_list(county, by=secretary), by=secretary, now=NOW, today=TODAY)
    moment = notices.Moment(NOW, TODAY, NOW)

    def die(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        notices.notify_all(begun, moment=moment, progress=die)
    assert Delivery.objects.count() == 2
    notices.notify_all(begun, moment=moment)
    assert Delivery.objects.count() == 5
    assert set(states(begun).values()) == {"notified"}


def test_no_notice_on_an_old_file(county: Branch, kafjord: Branch, secretary: User) -> None:
    make_overdue(kafjord)
    unpaid = make_list(county, by=secretary)
    with pytest.raises(actions.FileTooOld):
        notify(unpaid, by=secretary, today=TODAY + timedelta(days=11))
    assert not Delivery.objects.exists()


def test_who_has_paid_meanwhile_is_not_told(county: Branch, kafjord: Branch, secretary: User) -> None:
    pays = make_overdue(kafjord, "Betaler")
    make_overdue(kafjord, "Ane")
    unpaid = make_list(county, by=secretary)
    pay(pays)
    assert standing(unpaid, TODAY).count() == 1
    notify(unpaid, by=secretary)
    assert [delivery.address for delivery in Delivery.objects.all()] != [pays.email]
    assert Delivery.objects.count() == 1


def test_a_posted_letter_is_notice_and_gives_the_days_from_then(
    county: Branch, kafjord: Branch, secretary: User
) -> None:
    address: dict[str, Any] = {"email": "", "mobile": "", "mobile_ok": False}
    member = make_overdue(kafjord, "Brev", street="Fjordveien 1", postal_code="9146", **address)
    hidden = make_overdue(
        kafjord, "Skjult", street="Hemmelig 2", postal_code="9146", address_protection="strict", **address
    )
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    posted_on = TODAY + timedelta(days=5)

    def post() -> int:
        ids = [member.pk, hidden.pk]
        return notices.mark_posted(unpaid, member_ids=ids, by=secretary, now=NOW, today=posted_on)

    assert post() == 1
    assert post() == 0
    assert states(unpaid) == {"Brev": "notified", "Skjult": "letter"}
    unpaid.refresh_from_db()
    assert unpaid.answer_by_on == posted_on + timedelta(days=30)


def test_a_dropped_list_tells_nobody_more(county: Branch, kafjord: Branch, secretary: User) -> None:
    make_overdue(kafjord)
    unpaid = notices.begin_notice(make_list(county, by=secretary), by=secretary, now=NOW, today=TODAY)
    actions.drop_round(unpaid, by=secretary)
    notices.notify_all(unpaid, moment=notices.Moment(NOW, TODAY, NOW))
    assert not Delivery.objects.exists()
    assert not AccessLink.objects.exists()


def test_what_still_waits_of_a_dropped_list_is_not_sent(county: Branch, kafjord: Branch, secretary: User) -> None:
    waits, is_sent = make_overdue(kafjord, "Venter"), make_overdue(kafjord, "Sendt")
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    Delivery.objects.filter(key=f"unpaid:{unpaid.pk}:{is_sent.pk}").update(state=DeliveryState.SENT)
    # The list whose number begins alike.
    other = Delivery.objects.get(key=f"unpaid:{unpaid.pk}:{waits.pk}")
    Delivery.objects.create(
        key=f"unpaid:{unpaid.pk}1:{waits.pk}",
        channel=other.channel,
        purpose=other.purpose,
        address=other.address,
        created_at=NOW,
        not_before_at=NOW,
        wipe_at=NOW,
    )
    actions.drop_round(unpaid, by=secretary)
    states = dict(Delivery.objects.values_list("key", "state"))
    assert states == {
        f"unpaid:{unpaid.pk}:{waits.pk}": DeliveryState.CANCELLED,
        f"unpaid:{unpaid.pk}:{is_sent.pk}": DeliveryState.SENT,
        f"unpaid:{unpaid.pk}1:{waits.pk}": DeliveryState.QUEUED,
    }


def test_a_message_that_came_back_is_no_notice(county: Branch, kafjord: Branch, secretary: User) -> None:
    member = make_overdue(kafjord, "Retur", street="Fjordveien 1", postal_code="9146")
    crowd(kafjord, 200)
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    Delivery.objects.update(state=DeliveryState.BOUNCED)
    make_file(county, AFTER)
    assert [case.member_id for case in without_notice(unpaid, AFTER)] == [member.pk]
    with pytest.raises(striking.NobodyLeft):
        approve(unpaid, 0, by=secretary)
    notices.mark_posted(unpaid, member_ids=[member.pk], by=secretary, now=NOW, today=AFTER)
    unpaid.refresh_from_db()
    assert unpaid.answer_by_on is not None
    after = unpaid.answer_by_on + timedelta(days=1)
    make_file(county, after)
    assert approve(unpaid, 1, by=secretary, today=after).struck == 1
