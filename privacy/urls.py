"""Addresses of leaving, forgetting, members' own pages and their rights."""

from django.urls import path

from privacy.views import home
from privacy.views.my_page import my_page

app_name = "privacy"

urlpatterns = [
    path("lag/<slug:slug>/personvern/", home.home, name="home"),
    path("min-side/meg/", my_page, name="my_page"),
]
