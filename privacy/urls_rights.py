"""Addresses of members' requests, of breaches, and of the review of access."""

from typing import Final

from django.urls import URLPattern, path

from privacy.views import breaches, requests, reviews

RIGHTS: Final[list[URLPattern]] = [
    path("lag/<slug:slug>/personvern/henvendelser/", requests.request_list, name="requests"),
    path("lag/<slug:slug>/personvern/henvendelser/ny/", requests.request_new, name="request_new"),
    path("lag/<slug:slug>/personvern/henvendelser/<int:pk>/", requests.request_detail, name="request_detail"),
    path("lag/<slug:slug>/personvern/henvendelser/<int:pk>/data/", requests.request_data, name="request_data"),
    path("lag/<slug:slug>/personvern/henvendelser/<int:pk>/svar/", requests.request_answer, name="request_answer"),
    path("lag/<slug:slug>/personvern/henvendelser/<int:pk>/avslag/", requests.request_refuse, name="request_refuse"),
    path("lag/<slug:slug>/personvern/henvendelser/<int:pk>/frist/", requests.request_extend, name="request_extend"),
    path(
        "lag/<slug:slug>/personvern/henvendelser/<int:pk>/trukket/", requests.request_withdraw, name="request_withdraw"
    ),
    path("lag/<slug:slug>/personvern/avvik/", breaches.breach_list, name="breaches"),
    path("lag/<slug:slug>/personvern/avvik/nytt/", breaches.breach_new, name="breach_new"),
    path("lag/<slug:slug>/personvern/avvik/<int:pk>/", breaches.breach_detail, name="breach_detail"),
    path("lag/<slug:slug>/personvern/avvik/<int:pk>/lagre/", breaches.breach_save, name="breach_save"),
    path("lag/<slug:slug>/personvern/avvik/<int:pk>/brev/<slug:which>/", breaches.breach_letter, name="breach_letter"),
    path("lag/<slug:slug>/personvern/avvik/<int:pk>/melding/", breaches.breach_write, name="breach_write"),
    path("lag/<slug:slug>/personvern/tilganger/", reviews.access_review, name="access_review"),
    path("lag/<slug:slug>/personvern/tilganger/avgjor/", reviews.access_review_decide, name="access_review_decide"),
    path("lag/<slug:slug>/personvern/tilganger/signer/", reviews.access_review_sign, name="access_review_sign"),
]
