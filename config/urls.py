"""Every address of the house. Pages for officers all live under /lag/<slug>/."""

from django.urls import include, path

from membership.views.home import home

urlpatterns = [
    path("", home, name="home"),
    path("", include("accounts.urls")),
    path("", include("membership.urls")),
    path("", include("messaging.urls")),
    path("", include("dues.urls")),
    path("", include("calling.urls")),
    path("", include("recruitment.urls")),
    path("", include("overview.urls")),
    path("", include("privacy.urls")),
    path("demo/", include("demo.urls")),
]

handler403 = "accounts.views.not_found"
