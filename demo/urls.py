"""Addresses of the demo app."""

from django.urls import path

from demo import views

app_name = "demo"
urlpatterns = [path("postkasse/", views.mailbox, name="mailbox")]
