"""Addresses of leaving, forgetting, members' own pages and their rights."""

from django.urls import path

from privacy.urls_rights import RIGHTS
from privacy.urls_unpaid import UNPAID
from privacy.views import home
from privacy.views import leavers as leaver_views
from privacy.views import leaving as leaving_views
from privacy.views import policy as policy_views
from privacy.views import settings as settings_views
from privacy.views import statements as statement_views
from privacy.views import weeks as week_views
from privacy.views.my_details import my_details
from privacy.views.my_dues import my_dues
from privacy.views.my_everything import my_everything, my_everything_file
from privacy.views.my_groups import my_groups
from privacy.views.my_leave import my_leave
from privacy.views.my_lookups import my_lookups
from privacy.views.my_move import my_move
from privacy.views.my_page import my_page
from privacy.views.my_recruiting import my_recruiting, my_recruiting_png, my_recruiting_svg
from privacy.views.my_requests import my_requests
from privacy.views.my_reservations import my_reservations
from privacy.views.not_me import not_me, not_me_done
from privacy.views.resign import resign, resigned
from privacy.views.way_in import my_page_ask, my_page_link, my_page_out

app_name = "privacy"

urlpatterns = [
    path("lag/<slug:slug>/personvern/", home.home, name="home"),
    *RIGHTS,
    *UNPAID,
    path("min-side/meg/", my_page, name="my_page"),
    path("min-side/", my_page_ask, name="my_page_ask"),
    path("min-side/l/<str:token>/", my_page_link, name="my_page_link"),
    path("min-side/ut/", my_page_out, name="my_page_out"),
    path("ikke-meg/", not_me_done, name="not_me_done"),
    path("ikke-meg/<str:token>/", not_me, name="not_me"),
    path("utmelding/", resigned, name="resigned"),
    path("utmelding/<str:token>/", resign, name="resign"),
    path("min-side/meg/opplysninger/", my_details, name="my_details"),
    path("min-side/meg/verv/", my_recruiting, name="my_recruiting"),
    path("min-side/meg/verv/qr.svg", my_recruiting_svg, name="my_recruiting_svg"),
    path("min-side/meg/verv/qr.png", my_recruiting_png, name="my_recruiting_png"),
    path("min-side/meg/meld-ut/", my_leave, name="my_leave"),
    path("min-side/meg/alt/", my_everything, name="my_everything"),
    path("min-side/meg/alt.json", my_everything_file, name="my_everything_file"),
    path("min-side/meg/innsyn/", my_lookups, name="my_lookups"),
    path("min-side/meg/kontingent/", my_dues, name="my_dues"),
    path("min-side/meg/reservasjoner/", my_reservations, name="my_reservations"),
    path("min-side/meg/flytt/", my_move, name="my_move"),
    path("min-side/meg/henvendelse/", my_requests, name="my_requests"),
    path("min-side/meg/grupper/", my_groups, name="my_groups"),
    path("lag/<slug:slug>/uka/", week_views.week, name="latest_week"),
    path("lag/<slug:slug>/uka/<str:monday>/", week_views.week, name="week"),
    path("lag/<slug:slug>/personvern/regler/", policy_views.policy, name="policy"),
    path("lag/<slug:slug>/personvern/innstillinger/", settings_views.settings, name="settings"),
    path("personvern/", statement_views.statement, name="statement"),
    path("personvern/<slug:slug>/", statement_views.statement, name="statement_of"),
    path("tilgjengelighet/", statement_views.accessibility, name="accessibility"),
    path("tilgjengelighet/<slug:slug>/", statement_views.accessibility, name="accessibility_of"),
    path("lag/<slug:slug>/medlemmer/<int:pk>/utmelding/", leaving_views.resignation, name="resignation"),
    path(
        "lag/<slug:slug>/medlemmer/<int:pk>/utmelding/brev/",
        leaving_views.resignation_letter,
        name="resignation_letter",
    ),
    path(
        "lag/<slug:slug>/medlemmer/<int:pk>/utmelding/lenke/", leaving_views.resignation_link, name="resignation_link"
    ),
    path("lag/<slug:slug>/medlemmer/<int:pk>/dodsfall/", leaving_views.death, name="death"),
    path("lag/<slug:slug>/personvern/utmeldte/", leaver_views.leavers, name="leavers"),
    path("lag/<slug:slug>/personvern/utmeldte/<int:pk>/rett-opp/", leaver_views.leaver_return, name="leaver_return"),
    path(
        "lag/<slug:slug>/personvern/utmeldte/<int:pk>/kvittering/", leaver_views.leaver_receipt, name="leaver_receipt"
    ),
    path("lag/<slug:slug>/personvern/utmeldte/<int:pk>/postet/", leaver_views.leaver_posted, name="leaver_posted"),
]
