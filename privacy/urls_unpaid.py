"""Addresses of what is kept for a while, who is erased when, and those whose dues are long unpaid."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from privacy.views import erasing, holds, stay, unpaid

_ROUND: Final = "lag/<slug:slug>/personvern/ubetalt/<int:pk>/"

UNPAID: Final[list[URLPattern]] = [
    path("lag/<slug:slug>/personvern/utsatt/", holds.holds, name="holds"),
    path("lag/<slug:slug>/personvern/utsatt/<int:pk>/opphev/", holds.hold_lift, name="hold_lift"),
    path("lag/<slug:slug>/medlemmer/<int:pk>/utsett/", holds.hold, name="hold"),
    path("lag/<slug:slug>/personvern/sletting/", erasing.erasing, name="erasing"),
    path("lag/<slug:slug>/personvern/ubetalt/", unpaid.unpaid, name="unpaid"),
    path("lag/<slug:slug>/personvern/ubetalt/ny/", unpaid.unpaid_make, name="unpaid_make"),
    path(_ROUND, unpaid.unpaid_round, name="unpaid_round"),
    path(f"{_ROUND}varsle/", unpaid.unpaid_notify, name="unpaid_notify"),
    path(f"{_ROUND}navn/", unpaid.unpaid_case, name="unpaid_case"),
    path(f"{_ROUND}brev/", unpaid.unpaid_letters, name="unpaid_letters"),
    path(f"{_ROUND}postlagt/", unpaid.unpaid_posted, name="unpaid_posted"),
    path(f"{_ROUND}godkjenn/", unpaid.unpaid_approve, name="unpaid_approve"),
    path(f"{_ROUND}dropp/", unpaid.unpaid_drop, name="unpaid_drop"),
    path("fortsatt-medlem/", stay.stayed, name="stayed"),
    path("fortsatt-medlem/<str:token>/", stay.stay, name="stay"),
]
