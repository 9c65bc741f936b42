"""Addresses of the messaging app."""

from django.urls import URLPattern, path

from messaging.views import (
    archive,
    bounces,
    inbox,
    letters,
    messages,
    provider_hooks,
    recipients,
    settings,
    steps,
    unsubscribe,
    webhooks,
    writing,
)
from messaging.views import templates as templates_views

app_name = "messaging"
urlpatterns: list[URLPattern] = [
    path("lag/<slug:slug>/meldinger/", messages.message_list, name="message_list"),
    path("lag/<slug:slug>/meldinger/innstillinger/", settings.messaging_settings, name="messaging_settings"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/brev/", letters.letters, name="letters"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/brev/lag/", letters.letters_make, name="letters_make"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/brev/postet/", letters.letters_posted, name="letters_posted"),
    path("lag/<slug:slug>/meldinger/ny/", writing.message_new, name="message_new"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/skriv/", writing.message_edit, name="message_edit"),
    path(
        "lag/<slug:slug>/meldinger/<uuid:pk>/far-ikke/<str:reason>/", writing.message_left_out, name="message_left_out"
    ),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/test/", writing.message_test, name="message_test"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/slett/", writing.message_delete, name="message_delete"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/send/", writing.message_send, name="message_send"),
    path("lag/<slug:slug>/meldinger/tekster/", templates_views.template_list, name="template_list"),
    path("lag/<slug:slug>/meldinger/tekster/ny/", templates_views.template_new, name="template_new"),
    path("lag/<slug:slug>/meldinger/tekster/<int:pk>/", templates_views.template_edit, name="template_edit"),
    path("lag/<slug:slug>/meldinger/tekster/<int:pk>/slett/", templates_views.template_delete, name="template_delete"),
    path("avmelding/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("lag/<slug:slug>/meldinger/nyhetsbrev/", archive.archive, name="archive"),
    path("lag/<slug:slug>/meldinger/nyhetsbrev/<uuid:pk>/", archive.newsletter, name="newsletter"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/", messages.message_detail, name="message_detail"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/mottakere/", recipients.message_recipients, name="message_recipients"),
    path("lag/<slug:slug>/medlemmer/<int:pk>/meldinger/", archive.member_messages, name="member_messages"),
    path("kroker/<str:secret>/sveve/rapport/", webhooks.sveve_report, name="sveve_report"),
    path("kroker/<str:secret>/sveve/inn/", webhooks.sveve_inbound, name="sveve_inbound"),
    path("kroker/<str:secret>/twilio/rapport/", webhooks.twilio_report, name="twilio_report"),
    path("kroker/<str:secret>/twilio/inn/", webhooks.twilio_inbound, name="twilio_inbound"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/godkjenn/", steps.message_approve, name="message_approve"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/send-tilbake/", steps.message_send_back, name="message_send_back"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/endre/", steps.message_take_back, name="message_take_back"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/stopp/", steps.message_stop, name="message_stop"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/igjen/", steps.message_retry, name="message_retry"),
    path("lag/<slug:slug>/meldinger/<uuid:pk>/avgjor/", steps.message_decide, name="message_decide"),
    path("kroker/<str:secret>/epost/<slug:name>/", provider_hooks.email_events, name="events"),
    path("lag/<slug:slug>/meldinger/retur/", bounces.bounce_list, name="bounce_list"),
    path("lag/<slug:slug>/meldinger/retur/<int:pk>/", bounces.block_open, name="block_open"),
    path("lag/<slug:slug>/medlemmer/<int:pk>/feil-nummer/", bounces.number_wrong, name="number_wrong"),
    path("lag/<slug:slug>/innboks/", inbox.inbox_list, name="inbox_list"),
    path("lag/<slug:slug>/innboks/<int:pk>/", inbox.inbox_detail, name="inbox_detail"),
    path("lag/<slug:slug>/innboks/<int:pk>/svar/", inbox.inbox_answer, name="inbox_answer"),
    path("lag/<slug:slug>/innboks/<int:pk>/videresend/", inbox.inbox_forward, name="inbox_forward"),
    path("lag/<slug:slug>/innboks/<int:pk>/ferdig/", inbox.inbox_close, name="inbox_close"),
    path("lag/<slug:slug>/innboks/<int:pk>/hvem/", inbox.inbox_who, name="inbox_who"),
]
