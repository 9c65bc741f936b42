"""Addresses of leaving, forgetting, members' own pages and their rights."""

from django.urls import path

from privacy.views import holds as hold_views
from privacy.views import home
from privacy.views.my_page import my_page

app_name = "privacy"

urlpatterns = [
    path("lag/<slug:slug>/personvern/", home.home, name="home"),
    path("min-side/meg/", my_page, name="my_page"),
    path("lag/<slug:slug>/personvern/utsatt/", hold_views.holds, name="holds"),
    path("lag/<slug:slug>/personvern/utsatt/<int:pk>/opphev/", hold_views.hold_lift, name="hold_lift"),
    path("lag/<slug:slug>/medlemmer/<int:pk>/utsett/", hold_views.hold, name="hold"),
]
