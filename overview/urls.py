"""Addresses of the overview app."""

from django.urls import path

from overview import views

app_name = "overview"
urlpatterns = [
    path("lag/<slug:slug>/", views.branch, name="branch"),
    path("drift/", views.operations_page, name="operations"),
    path("helse/", views.health, name="health"),
]
