"""Addresses of the recruitment app."""

from django.urls import path

from recruitment import views

app_name = "recruitment"
urlpatterns = [
    path("lag/<slug:slug>/verving/mal/", views.targets, name="targets"),
    path("verv/<slug:code>/", views.invited, name="invited"),
]
