"""The house's addresses, and one where something breaks with a secret in its hands."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import urlpatterns as real


def breaks(request: HttpRequest) -> HttpResponse:
    """A fault of our own."""
    secret = "hemmelig-nøkkel"
    raise RuntimeError(f"SELECT password {secret} {request.GET}")


def denies(request: HttpRequest) -> HttpResponse:
    """A library that says 403."""
    raise PermissionDenied("not for you")


urlpatterns = [*real, path("knekk/", breaks), path("nekt/", denies)]
handler403 = "accounts.views.not_found"
