"""Addresses of the dues app."""

from django.urls import URLPattern

app_name = "dues"
urlpatterns: list[URLPattern] = []
