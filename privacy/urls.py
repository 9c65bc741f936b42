"""Addresses of leaving, forgetting, members' own pages and their rights."""

from django.urls import path

from privacy.urls_rights import RIGHTS
from privacy.views import holds as hold_views
from privacy.views import home
from privacy.views.my_page import my_page
from privacy.views.resign import resign, resigned
from privacy.views.way_in import my_page_ask, my_page_link, my_page_out

app_name = "privacy"

urlpatterns = [
    path("lag/<slug:slug>/personvern/", home.home, name="home"),
    *RIGHTS,
    path("min-side/meg/", my_page, name="my_page"),
    path("lag/<slug:slug>/personvern/utsatt/", hold_views.holds, name="holds"),
    path("lag/<slug:slug>/personvern/utsatt/<int:pk>/opphev/", hold_views.hold_lift, name="hold_lift"),
    path("lag/<slug:slug>/medlemmer/<int:pk>/utsett/", hold_views.hold, name="hold"),
    path("min-side/", my_page_ask, name="my_page_ask"),
    path("min-side/l/<str:token>/", my_page_link, name="my_page_link"),
    path("min-side/ut/", my_page_out, name="my_page_out"),
    path("utmelding/", resigned, name="resigned"),
    path("utmelding/<str:token>/", resign, name="resign"),
]
