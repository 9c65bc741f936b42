"""What the pictures and the browser tests look at: the demo, and beside it what an evening's work leaves behind.

Made through the doors users go through. It is made before a browser is started: Django's ORM cannot be asked inside
Playwright's loop.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from accounts.invitations import link_for
from accounts.models import User
from calling.models import CallList
from common import clock
from demo.cast import CAST
from dues.models import Claim
from jobs.enums import JobState
from jobs.models import Job
from membership.actions.editing import Pen, create
from membership.actions.grants import give
from membership.actions.members import derive
from membership.actions.merging import merge
from membership.duplicates.searching import search_county
from membership.enums import BatchKind, ChangeSource, ImportState
from membership.models import Branch, ChangeBatch, DuplicatePair, Grant, Member, MoveRequest, RegisterImport
from membership.roles import Permission, Role
from tests.browser.refusals import refusals
from tests.browser.scene_messaging import add_messages
from tests.browser.scene_privacy import add_privacy
from tests.browser.scene_privacy_my import add_my_page

NOBODY: Final = ""
SECRETARY: Final = "fylkessekretaer"
COUNTY_OFFICER: Final = "medlemsansvarlig.fylke"
KAFJORD: Final = "medlemsansvarlig.kafjord"
TROMSO: Final = "medlemsansvarlig.tromso"
TREASURER: Final = "kasserer"
LEADER: Final = "leder.tromso"
CALLER: Final = "ringer.tromso"
# Not of the demo's cast: two branches, none, a second factor.
TWO_BRANCHES: Final = "to.steder"
NO_BRANCH: Final = "ingen.steder"
TWO_STEPS: Final = "to.trinn"
THE_CAST: Final = tuple(part.account for part in CAST)


@dataclass(slots=True)
class Scene:
    """Who can be signed in, and the addresses of what was made."""

    today: date
    cookies: dict[str, str]
    urls: dict[str, str]
    # Whole pages that no address gives when asked nicely.
    refusals: dict[str, str] = field(default_factory=dict)
    # What the central register might send, by the branch's slug.
    register_files: dict[str, bytes] = field(default_factory=dict)
    # Of the account with a second factor; each opens once.
    recovery_codes: list[str] = field(default_factory=list)


def email_of(account: str) -> str:
    """The address an account signs in with."""
    return f"{account}@demo.example"


def signed_in(account: str) -> Client:
    """A client that shows an error page as the browser would see it."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(email=email_of(account)))
    return client


def plain_scene(*accounts: str) -> Scene:
    """The demo as it is, for accounts of its cast."""
    cookies = {account: signed_in(account).cookies[settings.SESSION_COOKIE_NAME].value for account in accounts}
    return Scene(today=clock.today(), cookies=cookies, urls={})


def make_scene() -> Scene:
    """Fill what is missing in a freshly loaded demo; slow things once."""
    today = clock.today()
    _make_users(today)
    clients = {account: signed_in(account) for account in (*THE_CAST, TWO_BRANCHES, NO_BRANCH, TWO_STEPS)}
    scene = Scene(
        today=today,
        cookies={account: client.cookies[settings.SESSION_COOKIE_NAME].value for account, client in clients.items()},
        urls={},
    )
    scene.register_files = {slug: dirty_register(slug, position) for position, slug in enumerate(WITH_FILES)}
    _add_members(scene)
    _add_moves(scene, clients)
    _add_doubles(scene)
    _add_reform(scene, clients[SECRETARY])
    _add_access(scene)
    _add_changes(scene, clients[KAFJORD])
    _add_imports(scene, clients[KAFJORD])
    _add_jobs(scene)
    _add_lists(scene, clients)
    add_messages(scene.urls, clients)
    add_privacy(scene.urls)
    add_my_page(scene.cookies, scene.urls)
    _add_account_links(scene, clients[TWO_STEPS])
    scene.refusals = refusals()
    scene.recovery_codes = _recovery_codes()
    return scene


def _recovery_codes() -> list[str]:
    kept = Authenticator.objects.get(user__email=email_of(TWO_STEPS), type=Authenticator.Type.RECOVERY_CODES)
    codes: list[str] = RecoveryCodes(kept).get_unused_codes()
    return codes


def _make_users(today: date) -> None:
    def make(account: str, name: str, *branches: str) -> User:
        user = User.objects.create_user(email_of(account), "medlemsboka", name=name)
        for slug in branches:
            give(user, role=Role.MEMBERSHIP_OFFICER, branch=Branch.objects.get(slug=slug), by=None, starts_on=today)
        return user

    make(TWO_BRANCHES, "Solveig Myrland", "lyngen", "storfjord")
    make(NO_BRANCH, "Pål Utheim")
    protected = make(TWO_STEPS, "Ragnhild Sletten", "skjervoy")
    TOTP.activate(protected, generate_totp_secret())
    RecoveryCodes.activate(protected)


# --- The register ---------------------------------------------------------------------------------------------------


def _add_members(scene: Scene) -> None:
    def page_of(members: Any, slug: str) -> str:
        return reverse("membership:member_detail", args=[slug, members.order_by("id").values_list("pk", flat=True)[0]])

    tromso = Branch.objects.get(slug="tromso")
    unpaid = Claim.objects.of(tromso).unpaid(scene.today.year).values("member_id")
    scene.urls["member"] = page_of(tromso.members.filter(pk__in=unpaid), "tromso")
    scene.urls["member_paid"] = page_of(tromso.members.current().exclude(pk__in=unpaid), "tromso")
    scene.urls["member_protected"] = page_of(Member.objects.exclude(address_protection=""), "troms")
    claim = Claim.objects.of(tromso).unpaid(scene.today.year).order_by("id").first()
    assert claim is not None
    scene.urls["payment"] = reverse("dues:payment_register", args=["tromso", claim.pk])
    hit = tromso.members.current().order_by("id").first()
    assert hit is not None
    scene.urls["name_in_tromso"] = hit.last_name


def _add_moves(scene: Scene, clients: dict[str, Client]) -> None:
    """Requests from Kåfjord to Tromsø and back, one of them answered, and a member of Tromsø to move."""
    for account, slug, to, count in ((KAFJORD, "kafjord", "tromso", 2), (TROMSO, "tromso", "kafjord", 1)):
        for member in Branch.objects.get(slug=slug).members.current().order_by("-id")[:count]:
            address = reverse("membership:member_move", args=[slug, member.pk])
            clients[account].post(address, {"to": to, "on": f"{scene.today:%d.%m.%Y}", "by_member": "on"})
    asked = MoveRequest.objects.waiting().filter(to_branch__slug="tromso").order_by("id").first()
    assert asked is not None
    answer = reverse("membership:move_answer", args=["tromso", asked.pk])
    clients[TROMSO].post(answer, {"handling": "nei", "reason": "Adressen er i Lyngen."})
    home = Branch.objects.get(slug="tromso").members.current().exclude(postal_code="").order_by("id").first()
    assert home is not None
    scene.urls["member_move"] = reverse("membership:member_move", args=["tromso", home.pk])
    waiting = MoveRequest.objects.waiting().filter(from_branch__slug="tromso").order_by("id").first()
    assert waiting is not None
    scene.urls["member_waiting"] = reverse("membership:member_move", args=["tromso", waiting.member_id])


def _add_doubles(scene: Scene) -> None:
    """Three of Tromsø who are registered twice, and one pair of them merged."""
    tromso = Branch.objects.get(slug="tromso")
    people = tromso.members.current().filter(address_protection="", birth_on__isnull=False).order_by("id")[10:13]
    doubles = [
        Member(
            first_name=member.first_name.upper(),
            last_name=member.last_name,
            member_number=f"L9000{number}",
            number_is_local=True,
            birth_on=member.birth_on,
            birth_year=member.birth_year,
            email=f"annen{number}@example.no",
            note="Vil helst ringes etter klokka 17.",
        )
        for number, member in enumerate(people)
    ]
    for double in doubles:
        derive(double, tromso)
    now = clock.now()
    create(doubles, pen=Pen(None, ChangeSource.OFFICER, now, scene.today))
    search_county(tromso.root_id, now=now)
    pair, other, *_rest = DuplicatePair.objects.within(tromso).open().likeliest_first()
    scene.urls["merge_start"] = reverse("membership:merge_start", args=["tromso", pair.first_id])
    scene.urls["merge"] = reverse("membership:merge", args=["tromso", pair.first_id, pair.second_id])
    officer = User.objects.get(email=email_of(TROMSO))
    made = merge(
        tromso, kept_id=other.first_id, lost_id=other.second_id, chosen={}, by=officer, now=now, today=scene.today
    )
    scene.urls["merge_done"] = reverse("membership:merge_done", args=["tromso", made.pk])


def _add_access(scene: Scene) -> None:
    grant = Grant.objects.get(user__email=email_of(KAFJORD))
    scene.urls["access_detail"] = reverse("membership:access_detail", args=["troms", grant.pk])
    scene.urls["handover"] = reverse("membership:handover", args=["kafjord"]) + f"?fra={grant.user_id}"


def _add_changes(scene: Scene, client: Client) -> None:
    """Some members marked as checked, all at once."""
    kafjord = Branch.objects.get(slug="kafjord")
    ids = list(kafjord.members.current().order_by("id").values_list("pk", flat=True)[:5])
    answer = client.post(reverse("membership:bulk", args=["kafjord"]), {"handling": "check", "id": ids, "gjor": "1"})
    scene.urls["members_changed"] = answer["Location"]
    batch = ChangeBatch.objects.latest("at")
    scene.urls["batch"] = reverse("membership:batch", args=["kafjord", batch.pk])


def _add_reform(scene: Scene, client: Client) -> None:
    """Two small branches become one, and a new one is made."""
    client.post(
        reverse("membership:branch_new", args=["troms"]), {"name": "Ytre Nes Arbeiderparti", "place": "Ytre Nes"}
    )
    client.post(
        reverse("membership:branch_new", args=["troms"]), {"name": "Indre Nes Arbeiderparti", "place": "Indre Nes"}
    )
    pair = Branch.objects.filter(place__in=("Ytre Nes", "Indre Nes"))
    merge = reverse("membership:branch_merge", args=["troms"])
    day = f"{scene.today:%d.%m.%Y}"
    client.post(merge, {"id": [branch.pk for branch in pair], "name": "Nes Arbeiderparti", "place": "Nes", "on": day})
    batch = ChangeBatch.objects.filter(kind=BatchKind.REFORM).get()
    scene.urls["reform"] = reverse("membership:reform_detail", args=["troms", batch.pk])
    two = Branch.objects.filter(slug__in=("berg", "lavangen", "gratangen", "salangen")).values_list("pk", flat=True)[:2]
    scene.urls["branch_merge"] = f"{merge}?{'&'.join(f'id={pk}' for pk in two)}"


WITH_FILES: Final = ("kafjord", "lyngen", "storfjord")
HEADINGS: Final = ("Medl.nr", "Navn", "E-postadresse", "Mobiltelefon", "Postnr.", "Innmeldt", "Betalt", "Merknad")
# After the members as they are: a new one, and rows with something wrong in each.
DIRT: Final = (
    ("99{}001", "Jektevik, Ánne Márjá", "anne.jektevik@example.no", "0047 000 91 234", "9146", "2026-11-03", "ja", ""),
    ("99{}002", "Bredo Nilsgård", "bredo(at)example.no", "000 91 236", "146", "31.02.2026", "nei", ""),
    ("99{}003", "", "", "", "", "", "", ""),
    ("99{}002", "Bredo Nilsgård", "", "", "", "", "", ""),
    ("99{}004", "=SUM(A1:A9)", "formel@example.no", "+47 000 91 235", "9146", "05.01.2026", "kanskje", ""),
)


def dirty_register(slug: str, position: int) -> bytes:
    """A branch's members as the central register might send them: a title above, a sum below, and dirt in between."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Uttrekk"
    branch = Branch.objects.get(slug=slug)
    sheet.append([f"Medlemsliste {branch.place}"])
    sheet.append([])
    sheet.append(HEADINGS)
    members = list(branch.members.current().order_by("id"))
    for number, member in enumerate(members[:-2]):
        sheet.append(_row_of(member, number))
    for row in DIRT:
        sheet.append([cell.format(position) for cell in row])
    sheet.append(["Sum", None, None, None, None, None, len(members)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _row_of(member: Member, position: int) -> list[Any]:
    email = f"ny.{member.email}" if position == 3 and member.email else member.email
    name = member.full_name if position % 2 else f"{member.last_name}, {member.first_name}"
    paid = "nei" if position % 5 else "ja"
    joined = member.joined_on if position % 2 else member.joined_on and f"{member.joined_on:%d.%m.%Y}"
    phone = member.mobile.replace("+47", "0047 ") if position % 2 else member.mobile
    return [member.member_number, name, email, phone, "", joined, paid, "Husk å ringe" if position == 1 else ""]


def _add_imports(scene: Scene, client: Client) -> None:
    upload = reverse("membership:import_upload", args=["kafjord"])

    def send(name: str, content: bytes) -> str:
        client.post(upload, {"file": SimpleUploadedFile(name, content)})
        made = RegisterImport.objects.latest("created_at")
        return reverse("membership:import_detail", args=["kafjord", made.pk])

    small = "Medlemsnr;Fornavn;Etternavn\n880001;Máret;Skardal\n880002;Odd;Revvik\n".encode()
    scene.urls["import_result"] = send("medlemmer.csv", small)
    _confirm(client, scene.urls["import_result"])
    one = Branch.objects.get(slug="kafjord").members.exclude(email="").order_by("id")[0]
    alike = f"Etternavn;E-post;Medlemsnr\n{one.last_name};{one.email};\nSkardal;odd@example.no;\n".encode()
    scene.urls["import_matches"] = send("uten nummer.csv", alike)
    scene.urls["import_failed"] = send("medlemmer.xlsx", b"%PDF-1.7 no spreadsheet")
    unlike = "\n".join(f"{m.member_number};Helt;Annen" for m in Branch.objects.get(slug="kafjord").members.all()[:20])
    scene.urls["import_doubt"] = send("feil.csv", f"Medlemsnr;Fornavn;Etternavn\n{unlike}\n".encode())
    unsure = "Medlemsnr;Navn;Status;POST\n880003;Odd Revvik;A;x\n880004;Ane Skar;B;y\n".encode("ascii")
    scene.urls["import_unsure"] = send("uklar.csv", unsure)
    scene.urls["import_preview"] = send("uttrekk kåfjord.xlsx", scene.register_files["kafjord"])


def fields_of(html: str) -> dict[str, str]:
    """What a browser would send with the form of an import's preview: its chosen columns and typed options."""
    found = {}
    for name, inner in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        found[name] = chosen[1] if chosen else ""
    for tag in re.findall(r"<input\b[^>]*>", html):
        parts = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if parts.get("type") in {"text", "number", "hidden"} and "name" in parts:
            found[parts["name"]] = parts.get("value", "")
    found.pop("csrfmiddlewaretoken", None)
    return found


def _confirm(client: Client, url: str) -> None:
    client.post(url, fields_of(client.get(url).content.decode()) | {"handling": "importer"})
    made = RegisterImport.objects.get(pk=url.rstrip("/").rsplit("/", 1)[-1])
    assert made.state == ImportState.APPLIED, made.state


# --- Jobs and lists -------------------------------------------------------------------------------------------------


def _add_jobs(scene: Scene) -> None:
    owner = User.objects.get(email=email_of(SECRETARY))
    troms = Branch.objects.get(slug="troms")
    now = timezone.now()
    back = reverse("dues:unpaid", args=["troms", scene.today.year])
    states: dict[JobState, dict[str, Any]] = {
        JobState.RUNNING: {"done": 4210, "total": 9800},
        JobState.FAILED: {"problem": "Noe gikk galt hos oss. Ikke noe mer ble endret. Prøv igjen."},
        JobState.DONE: {"done": 9800, "total": 9800, "file": "results/none.xlsx", "file_name": "ikke-betalt.xlsx"},
    }
    for state, more in states.items():
        made = Job.objects.create(
            owner=owner,
            # No handler has it, so no worker takes it up.
            kind="picture",
            branch_id=troms.pk,
            permission=Permission.EXPORT_MEMBERS,
            params={"title": f"Ikke betalt {scene.today.year}, til Excel", "back": back},
            state=state,
            created_at=now,
            heartbeat_at=now,
            expires_at=now + timedelta(days=1),
            **more,
        )
        scene.urls[f"job_{state.value}"] = reverse("membership:job", args=["troms", made.pk])


def _add_lists(scene: Scene, clients: dict[str, Client]) -> None:
    begun = CallList.objects.order_by("id").first()
    assert begun is not None
    callers = list(begun.callers.order_by("position", "id"))
    scene.urls["call_list"] = reverse("dues:call_list", args=["tromso", begun.pk])
    scene.urls["call_list_print"] = reverse("dues:call_list_print", args=["tromso", begun.pk, callers[0].pk])
    # An officer alone, as in most branches: everyone on one list of her own.
    make = reverse("dues:call_list_make", args=["kafjord", scene.today.year])
    scene.urls["call_list_alone"] = clients[KAFJORD].post(make, {"myself": "1"})["Location"]
    paid = Claim.objects.of(Branch.objects.get(slug="kafjord")).unpaid(scene.today.year).order_by("id").first()
    assert paid is not None
    answer = clients[KAFJORD].post(
        reverse("dues:payment_register", args=["kafjord", paid.pk]),
        {
            "amount": str(paid.outstanding_ore // 100),
            "expected": str(paid.outstanding_ore),
            "paid_on": f"{scene.today:%d.%m.%Y}",
            "back": reverse("dues:unpaid", args=["kafjord", scene.today.year]),
        },
    )
    scene.urls["payment_registered"] = answer["Location"]


# --- Accounts ------------------------------------------------------------------------------------------


def _add_account_links(scene: Scene, client: Client) -> None:
    invited = User.objects.create_user(email_of("ny.medlemsansvarlig"), name="Berit Sandvær")
    scene.urls["invitation"] = urlsplit(link_for(invited)).path
    user = User.objects.get(email=email_of(TWO_BRANCHES))
    from allauth.account.utils import user_pk_to_url_str

    key = default_token_generator.make_token(user)
    args = [user_pk_to_url_str(user), key]
    scene.urls["reset_link"] = reverse("account_reset_password_from_key", args=args)
    # A letter for the demo's mailbox.
    Client().post(reverse("account_request_login_code"), {"login": email_of(KAFJORD)})
