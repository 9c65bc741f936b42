"""Addresses of the overview app."""

from django.urls import URLPattern

app_name = "overview"
urlpatterns: list[URLPattern] = []
