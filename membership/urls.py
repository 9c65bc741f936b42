"""Addresses of the membership app."""

from django.urls import path

from membership.views import account, imports

app_name = "membership"
urlpatterns = [
    path("konto/", account.me, name="me"),
    path("lag/<slug:slug>/medlemmer/importer/", imports.import_upload, name="import_upload"),
    path("lag/<slug:slug>/medlemmer/importer/<uuid:pk>/", imports.import_detail, name="import_detail"),
]
