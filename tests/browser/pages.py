"""Every page there is, in one place: `make shots` takes its picture, the browser tests look it over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from tests.browser import pages_messaging, pages_privacy
from tests.browser.page import Shown, Steps
from tests.browser.scene import (
    CALLER,
    COUNTY_OFFICER,
    KAFJORD,
    LEADER,
    NO_BRANCH,
    NOBODY,
    SECRETARY,
    TREASURER,
    TROMSO,
    TWO_BRANCHES,
    TWO_STEPS,
    Scene,
    email_of,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

PASSWORD: Final = "medlemsboka"


# --- Ways to pages that no address gives ----------------------------------------------------------------------------


def _press(page: Page, form: str = "main form") -> None:
    # A refused form is an answer like any other, and comes with the page.
    with page.expect_navigation():
        page.locator(f"{form} button:not([type=button])").first.click()


def _tick(page: Page, _base: str, _scene: Scene) -> None:
    boxes = page.locator("[data-rows] input[type=checkbox]")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    # Where the bar stands below the list, and floats over no row of it.
    page.evaluate("scrollTo(0, document.body.scrollHeight)")


def _tick_and(action: str) -> Steps:
    def steps(page: Page, base: str, scene: Scene) -> None:
        _tick(page, base, scene)
        button = page.locator(f".bulk button[value={action}]").last
        if not button.is_visible():
            page.locator(".bulk > [popovertarget]").click()
        with page.expect_navigation():
            button.click()

    return steps


def _wrong_password(page: Page, _base: str, _scene: Scene) -> None:
    page.fill("input[name=login]", email_of("finnes.ikke"))
    page.fill("input[name=password]", "feil passord")
    _press(page)


def _no_address(page: Page, _base: str, _scene: Scene) -> None:
    page.evaluate("document.querySelectorAll('main form').forEach((form) => { form.noValidate = true; })")
    page.fill("input[name=login]", "ikke en adresse")
    _press(page)


def _ask_for_code(page: Page, _base: str, _scene: Scene) -> None:
    page.fill("input[name=login]", email_of("finnes.heller.ikke"))
    _press(page)


def _ask_for_link(page: Page, _base: str, _scene: Scene) -> None:
    page.fill("input[name=email]", email_of("finnes.slett.ikke"))
    _press(page)


def _fill(fields: dict[str, str]) -> Steps:
    """Write in some fields of the page's form and send it."""

    def steps(page: Page, _base: str, _scene: Scene) -> None:
        for name, value in fields.items():
            page.fill(f"main [name={name}]", value)
        with page.expect_navigation():
            page.locator("main form:has([name=first_name]) button").last.click()

    return steps


def _sign_in(account: str) -> Steps:
    def steps(page: Page, _base: str, _scene: Scene) -> None:
        page.fill("input[name=login]", email_of(account))
        page.fill("input[name=password]", PASSWORD)
        _press(page)

    return steps


def _sign_in_and_go(account: str, url: str) -> Steps:
    """Some pages open only for a short while after the password was written."""

    def steps(page: Page, base: str, scene: Scene) -> None:
        _sign_in(account)(page, base, scene)
        page.goto(urljoin(base, url))

    return steps


def _second_factor_and_go(url: str) -> Steps:
    def steps(page: Page, base: str, scene: Scene) -> None:
        _sign_in(TWO_STEPS)(page, base, scene)
        page.fill("input[name=code]", scene.recovery_codes.pop())
        _press(page)
        page.goto(urljoin(base, url))

    return steps


def _new_codes(page: Page, base: str, scene: Scene) -> None:
    _second_factor_and_go("/konto/totrinn/reservekoder/")(page, base, scene)
    _press(page)


def _refused_payment(page: Page, _base: str, _scene: Scene) -> None:
    page.fill("main input[name=amount]", "999999")
    page.fill("main input[name=paid_on]", "i går")
    _press(page, "main form:has(input[name=amount])")


def _no_file(page: Page, _base: str, _scene: Scene) -> None:
    page.evaluate("document.querySelectorAll('main form').forEach((form) => { form.noValidate = true; })")
    _press(page)


def _search_for(text: str) -> Steps:
    def steps(page: Page, _base: str, scene: Scene) -> None:
        page.fill("input[name=q]", text.format(**scene.urls))
        with page.expect_response(lambda answer: "/medlemmer/" in answer.url and answer.request.method == "GET"):
            page.press("input[name=q]", "Enter")
        page.wait_for_load_state("networkidle")

    return steps


def _narrow(name: str, branch: str = "") -> Steps:
    """The unpaid list, narrowed to a name and a branch."""

    def steps(page: Page, _base: str, _scene: Scene) -> None:
        page.fill("input[name=navn]", name)
        if branch:
            page.select_option("select[name=lag]", branch)
        _press(page, "form[role=search]")

    return steps


def _nobody_calls(page: Page, _base: str, _scene: Scene) -> None:
    page.evaluate(
        """() => {
            const form = document.getElementById('call-list');
            form.noValidate = true;
            for (const box of form.elements) if (box.type === 'checkbox') box.checked = false;
            for (const box of form.elements) if (box.name === 'finish_by_on') box.value = '01.01.2020';
        }"""
    )
    with page.expect_navigation():
        page.evaluate("document.getElementById('call-list').requestSubmit()")


def _see_handover(page: Page, _base: str, _scene: Scene) -> None:
    page.fill("main input[name=email]", email_of("etterfolger"))
    page.fill("main input[name=name]", "Nils Sandvær")
    _press(page)


# --- The pages ------------------------------------------------------------------------------------------------------

SIGN_IN: Final = "/konto/logg-inn/"
UNPAID: Final = "/lag/{}/kontingent/{{year}}/ubetalt/"

PAGES: Final = (
    # Coming in
    Shown("sign_in", NOBODY, SIGN_IN),
    Shown("sign_in_refused", NOBODY, SIGN_IN, steps=_wrong_password),
    Shown("sign_in_code", NOBODY, "/konto/logg-inn/kode/"),
    Shown("sign_in_code_refused", NOBODY, "/konto/logg-inn/kode/", steps=_no_address),
    Shown("sign_in_code_write", NOBODY, "/konto/logg-inn/kode/", steps=_ask_for_code),
    Shown("sign_in_second_factor", NOBODY, SIGN_IN, steps=_sign_in(TWO_STEPS)),
    Shown("sign_up_closed", NOBODY, "/konto/ny/"),
    Shown("account_closed", NOBODY, "/konto/avsluttet/"),
    Shown("invitation", NOBODY, "{invitation}"),
    Shown("invitation_invalid", NOBODY, "/konto/invitasjon/ugyldig/", status=404),
    Shown("password_forgotten", NOBODY, "/konto/passord/glemt/"),
    Shown("password_link_sent", NOBODY, "/konto/passord/glemt/", steps=_ask_for_link),
    Shown("password_new", NOBODY, "{reset_link}"),
    Shown("password_link_spent", NOBODY, "/konto/passord/glemt/1-ugyldig/"),
    Shown("password_done", NOBODY, "/konto/passord/glemt/ferdig/"),
    # One's own page
    Shown("account", SECRETARY, "/konto/"),
    Shown("account_protected", TWO_STEPS, "/konto/"),
    Shown("home_choice", TWO_BRANCHES, "/"),
    Shown("home_nothing", NO_BRANCH, "/"),
    Shown("sign_out", SECRETARY, "/konto/logg-ut/"),
    Shown("password_change", SECRETARY, "/konto/passord/"),
    Shown("password_again", SECRETARY, "/konto/bekreft/"),
    Shown("second_factor_again", TWO_STEPS, "/konto/bekreft/totrinn/"),
    Shown("second_factor_set_up", NOBODY, SIGN_IN, steps=_sign_in_and_go(LEADER, "/konto/totrinn/app/")),
    Shown("second_factor_remove", NOBODY, SIGN_IN, steps=_second_factor_and_go("/konto/totrinn/app/fjern/")),
    Shown("recovery_codes", TWO_STEPS, "/konto/totrinn/reservekoder/"),
    Shown("recovery_codes_shown", NOBODY, SIGN_IN, steps=_new_codes),
    # The county and the branch
    Shown("overview_county", SECRETARY, "/lag/troms/"),
    Shown("overview_county_all", SECRETARY, "/lag/troms/?alle=1&sorter=-stemmer"),
    Shown("today_kafjord", KAFJORD, "/lag/kafjord/"),
    Shown("today_tromso", TROMSO, "/lag/tromso/"),
    Shown("today_leader", LEADER, "/lag/tromso/"),
    Shown("targets_county", SECRETARY, "/lag/troms/verving/mal/"),
    Shown("targets_branch", TROMSO, "/lag/tromso/verving/mal/"),
    Shown("targets_unanswered", SECRETARY, "/lag/gratangen/verving/mal/"),
    Shown("roles", SECRETARY, "/lag/troms/roller/"),
    # Who is who
    Shown("directory_county", SECRETARY, "/lag/troms/hvem/"),
    Shown("directory_branch", KAFJORD, "/lag/kafjord/hvem/"),
    Shown("directory_no_hits", SECRETARY, "/lag/troms/hvem/?q=qqqxyz"),
    Shown("board", KAFJORD, "/lag/kafjord/styret/"),
    Shown("board_year", KAFJORD, "/lag/kafjord/styret/?ar={year}"),
    Shown("board_day_refused", KAFJORD, "/lag/kafjord/styret/?dato=i-dag"),
    Shown("board_new", KAFJORD, "/lag/kafjord/styret/nytt/"),
    Shown("post_add", KAFJORD, "/lag/kafjord/styret/ny/"),
    Shown("access_list", SECRETARY, "/lag/troms/tilgang/"),
    Shown("access_ended", SECRETARY, "/lag/kafjord/tilgang/?vis=avsluttet"),
    Shown("access_give", SECRETARY, "/lag/troms/tilgang/ny/"),
    Shown("access_detail", SECRETARY, "{access_detail}"),
    Shown("handover", SECRETARY, "/lag/kafjord/tilgang/overlevering/"),
    Shown("handover_preview", SECRETARY, "{handover}", steps=_see_handover),
    Shown("branch_settings", KAFJORD, "/lag/kafjord/innstillinger/"),
    Shown("branch_settings_county", SECRETARY, "/lag/kafjord/innstillinger/"),
    # The register
    Shown("members_county", SECRETARY, "/lag/troms/medlemmer/"),
    Shown("members_branch", KAFJORD, "/lag/kafjord/medlemmer/"),
    Shown("members_search", TROMSO, "/lag/tromso/medlemmer/", steps=_search_for("{name_in_tromso}")),
    Shown("members_no_hits", TROMSO, "/lag/tromso/medlemmer/", steps=_search_for("qqqxyz")),
    Shown("members_ticked", TROMSO, "/lag/tromso/medlemmer/", steps=_tick),
    Shown("members_changed", KAFJORD, "{members_changed}"),
    Shown("members_rarer_filters", SECRETARY, "/lag/troms/medlemmer/?epost=har&alder=26-34"),
    Shown("member_filters", SECRETARY, "/lag/troms/medlemmer/filtre/"),
    Shown("bulk", SECRETARY, "/lag/troms/medlemmer/", steps=_tick_and("add_tag")),
    Shown("bulk_refused", KAFJORD, "/lag/kafjord/medlemmer/", steps=_tick_and("move")),
    Shown("batches", KAFJORD, "/lag/kafjord/medlemmer/angre/"),
    Shown("batches_none", TWO_BRANCHES, "/lag/lyngen/medlemmer/angre/"),
    Shown("batch", KAFJORD, "{batch}"),
    Shown("quality_county", SECRETARY, "/lag/troms/medlemmer/kvalitet/"),
    Shown("quality_one", SECRETARY, "/lag/troms/medlemmer/kvalitet/?sjekk=uten-parti"),
    Shown("quality_reader", LEADER, "/lag/tromso/medlemmer/kvalitet/?sjekk=epost-mangler"),
    Shown("groups_county", SECRETARY, "/lag/troms/grupper/"),
    Shown("groups_branch", TROMSO, "/lag/tromso/grupper/"),
    Shown("member", TROMSO, "{member}"),
    Shown("member_paid", TROMSO, "{member_paid}"),
    Shown("member_edit", TROMSO, "{member}endre/"),
    Shown("member_edit_refused", TROMSO, "{member}endre/", steps=_fill({"birth": "i fjor"})),
    Shown("member_status", TROMSO, "{member}status/"),
    Shown("member_new", SECRETARY, "/lag/troms/medlemmer/ny/"),
    Shown("member_address", SECRETARY, "{member_protected}adresse/"),
    Shown("member_protected", SECRETARY, "{member_protected}"),
    Shown("member_move", TROMSO, "{member_move}"),
    Shown("member_move_refused", TROMSO, "{member_move}", steps=_no_file),
    Shown("member_move_waiting", TROMSO, "{member_waiting}"),
    Shown("branches", SECRETARY, "/lag/troms/kommunepartier/"),
    Shown("branch_new", SECRETARY, "/lag/troms/kommunepartier/nytt/"),
    Shown("branch_merge", SECRETARY, "{branch_merge}"),
    Shown("branch_merge_refused", SECRETARY, "{branch_merge}", steps=_no_file),
    Shown("branch_split", SECRETARY, "/lag/tromso/kommunepartier/del/"),
    Shown("branch_split_refused", SECRETARY, "/lag/tromso/kommunepartier/del/", steps=_no_file),
    Shown("reform", SECRETARY, "{reform}"),
    Shown("moves", TROMSO, "/lag/tromso/flytting/"),
    Shown("moves_none", TWO_BRANCHES, "/lag/storfjord/flytting/"),
    Shown("duplicates", TROMSO, "/lag/tromso/medlemmer/dubletter/"),
    Shown("duplicates_none", TWO_BRANCHES, "/lag/storfjord/medlemmer/dubletter/"),
    Shown("merge_start", TROMSO, "{merge_start}"),
    Shown("merge_start_refused", TROMSO, "{merge_start}", steps=_no_file),
    Shown("merge", TROMSO, "{merge}"),
    Shown("merge_done", TROMSO, "{merge_done}"),
    Shown("member_export", KAFJORD, "/lag/kafjord/medlemmer/eksport/"),
    Shown("corrections", KAFJORD, "/lag/kafjord/medlemmer/endringer/"),
    Shown("import_upload", KAFJORD, "/lag/kafjord/medlemmer/importer/"),
    Shown("import_no_file", KAFJORD, "/lag/kafjord/medlemmer/importer/", steps=_no_file),
    Shown("import_preview", KAFJORD, "{import_preview}"),
    Shown("import_unsure", KAFJORD, "{import_unsure}"),
    Shown("import_doubt", KAFJORD, "{import_doubt}"),
    Shown("import_failed", KAFJORD, "{import_failed}"),
    Shown("import_result", KAFJORD, "{import_result}"),
    Shown("import_matches", KAFJORD, "{import_matches}"),
    Shown("import_undo", KAFJORD, "{import_result}angre/"),
    Shown("import_help", KAFJORD, "/lag/kafjord/medlemmer/importer/hjelp/"),
    Shown("job_running", SECRETARY, "{job_running}"),
    Shown("job_failed", SECRETARY, "{job_failed}"),
    Shown("job_done", SECRETARY, "{job_done}"),
    # Dues
    Shown("unpaid_county", SECRETARY, UNPAID.format("troms")),
    Shown("unpaid_branch", TROMSO, UNPAID.format("tromso")),
    Shown("unpaid_small", KAFJORD, UNPAID.format("kafjord")),
    Shown("unpaid_leader", LEADER, UNPAID.format("tromsoya")),
    Shown("unpaid_filtered", SECRETARY, UNPAID.format("troms"), steps=_narrow("an", "tjeldsund")),
    Shown("unpaid_no_hits", TREASURER, UNPAID.format("troms"), steps=_narrow("qqqxyz")),
    Shown("unpaid_no_claims", SECRETARY, "/lag/troms/kontingent/2001/ubetalt/"),
    Shown("payment_registered", KAFJORD, "{payment_registered}"),
    Shown("payment", TROMSO, "{payment}"),
    Shown("payment_refused", TROMSO, "{payment}", steps=_refused_payment),
    Shown("unpaid_print", SECRETARY, UNPAID.format("balsfjord") + "utskrift/", on_paper=True),
    # Call lists
    Shown("call_list_refused", TROMSO, UNPAID.format("tromso"), steps=_nobody_calls),
    Shown("call_lists", TROMSO, "/lag/tromso/ringelister/"),
    Shown("call_lists_county", COUNTY_OFFICER, "/lag/troms/ringelister/"),
    Shown("call_lists_none", TWO_BRANCHES, "/lag/lyngen/ringelister/"),
    Shown("call_list", TROMSO, "{call_list}"),
    Shown("call_list_alone", KAFJORD, "{call_list_alone}"),
    Shown("call_lists_caller", CALLER, "/lag/tromso/ringelister/"),
    Shown("call_list_caller", CALLER, "{call_list}"),
    Shown("call_list_print", CALLER, "{call_list_print}", on_paper=True),
    *pages_messaging.PAGES,
    *pages_privacy.PAGES,
    # The demo, and what went wrong
    Shown("mailbox", SECRETARY, "/demo/postkasse/"),
    Shown("not_found", TROMSO, "/lag/troms/medlemmer/", status=404),
    Shown("not_found_stranger", NOBODY, "/finnes/ikke/", status=404),
    Shown("error_400", NOBODY, "/feil/error_400/", status=400, bare=True),
    Shown("error_403_csrf", NOBODY, "/feil/error_403_csrf/", status=403),
    Shown("error_429", NOBODY, "/feil/error_429/", status=429),
    Shown("error_500", NOBODY, "/feil/error_500/", status=500, bare=True),
)

PLACES_OF_ERRORS: Final = "**/feil/*/"


def open_page(page: Page, shown: Shown, base: str, scene: Scene) -> int:
    """Go there as a user would; the status of the answer."""
    if "/feil/" in shown.url:
        html = scene.refusals[shown.name]
        page.route(
            PLACES_OF_ERRORS, lambda route: route.fulfill(body=html, status=shown.status, content_type="text/html")
        )
    answer = page.goto(shown.address(base, scene))
    assert answer is not None
    if shown.steps is None:
        return answer.status
    shown.steps(page, base, scene)
    return shown.status
