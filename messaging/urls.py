"""Addresses of the messaging app."""

from django.urls import URLPattern, path

from messaging.views import messages

app_name = "messaging"
urlpatterns: list[URLPattern] = [
    path("lag/<slug:slug>/meldinger/", messages.message_list, name="message_list"),
]
