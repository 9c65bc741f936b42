"""Addresses of the messaging app."""

from django.urls import URLPattern, path

from messaging.views import letters, messages, settings, unsubscribe

app_name = "messaging"
urlpatterns: list[URLPattern] = [
    path("lag/<slug:slug>/meldinger/", messages.message_list, name="message_list"),
    path("lag/<slug:slug>/meldinger/innstillinger/", settings.messaging_settings, name="messaging_settings"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/brev/", letters.letters, name="letters"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/brev/lag/", letters.letters_make, name="letters_make"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/brev/postet/", letters.letters_posted, name="letters_posted"),
    path("avmelding/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
]
