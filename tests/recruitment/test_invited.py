"""Where a recruiting link leads: how one joins, and nothing of who asked."""

from __future__ import annotations

import zlib

import pytest
from django.test import Client

from common.qr import qr_png, qr_svg
from membership.enums import MemberStatus
from membership.models import Member
from recruitment.recruiter_links import branch_invited_to, make_recruiter_link, url_of
from tests.factories import NOW, make_branch, make_county, make_member


@pytest.fixture
def member(db: None) -> Member:
    county = make_county()
    county.email = "troms@example.no"
    county.save()
    branch = make_branch(
        county,
        "Kåfjord",
    )
    branch.email, branch.meeting_place = "kafjord@example.no", "Samfunnshuset"
    branch.save()
    return make_member(branch, "Ane", "Fjellvær", email="ane@example.no")


def test_it_tells_how_one_joins_and_not_who_asked(member: Member, client: Client) -> None:
    link = make_recruiter_link(member, now=NOW)
    answer = client.get(f"/verv/{link.code}/")
    text = answer.content.decode()
    assert answer.status_code == 200
    for word in ("Kåfjord Arbeiderparti", "kafjord@example.no", "Samfunnshuset", "troms@example.no", link.code):
        assert word in text
    for word in ("Ane", "Fjellvær", member.member_number, "ane@example.no", member.mobile):
        assert word not in text
    assert "noindex" in answer["X-Robots-Tag"]


def test_a_branch_without_email_sends_one_to_the_county(member: Member, client: Client) -> None:
    member.branch.email = ""
    member.branch.save()
    link = make_recruiter_link(member, now=NOW)
    assert "mailto:troms@example.no?subject=" in client.get(f"/verv/{link.code}/").content.decode()


@pytest.mark.parametrize("status", [MemberStatus.RESIGNED, MemberStatus.DECEASED, MemberStatus.EXPELLED])
def test_the_link_of_one_who_is_no_member_is_like_an_unknown_one(
    status: MemberStatus, member: Member, client: Client
) -> None:
    link = make_recruiter_link(member, now=NOW)
    unknown = client.get("/verv/abcdefghjkmn/")
    Member.objects.filter(pk=member.pk).update(status=status)
    left = client.get(f"/verv/{link.code}/")
    assert (left.status_code, unknown.status_code) == (404, 404)
    assert left.content == unknown.content
    assert branch_invited_to(link.code) is None


@pytest.mark.parametrize("code", ["x", "0" * 400, "a-b_c", "ABCDEFGHJKMN"])
def test_what_is_no_code_leads_nowhere(code: str, client: Client, db: None) -> None:
    assert client.get(f"/verv/{code}/").status_code == 404


def test_nothing_is_posted_there(member: Member, client: Client) -> None:
    assert client.post(f"/verv/{make_recruiter_link(member, now=NOW).code}/").status_code == 405


def test_the_code_is_drawn_the_same_in_both_ways(member: Member) -> None:
    url = url_of(make_recruiter_link(member, now=NOW))
    svg, png = qr_svg(url), qr_png(url)
    size = int(svg.split('viewBox="0 0 ')[1].split(" ")[0])
    start = png.index(b"IDAT") + 4
    rows = zlib.decompress(png[start : png.index(b"IEND") - 8])
    line = 1 + size * 2
    black = sum(1 for y in range(size) for x in range(size) if rows[y * 16 * line + 1 + 2 * x] == 0)
    assert black == svg.count("h1v1h-1z")
    # The quiet edge.
    assert rows[1:line] == b"\xff" * (line - 1)
