"""Addresses of the calling app."""

from django.urls import URLPattern

app_name = "calling"
urlpatterns: list[URLPattern] = []
