"""Addresses of leaving, forgetting, members' own pages and their rights."""

from django.urls import path

from privacy.views import home

app_name = "privacy"

urlpatterns = [
    path("lag/<slug:slug>/personvern/", home.home, name="home"),
]
