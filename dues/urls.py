"""Addresses of the dues app."""

from django.urls import URLPattern, path

from dues.views import calls, exports, payments, unpaid

app_name = "dues"
urlpatterns: list[URLPattern] = [
    path("lag/<slug:slug>/kontingent/<int:year>/ubetalt/", unpaid.unpaid_list, name="unpaid"),
    path("lag/<slug:slug>/kontingent/betaling/<int:pk>/", payments.payment_register, name="payment_register"),
    path("lag/<slug:slug>/kontingent/betaling/<int:pk>/angre/", payments.payment_undo, name="payment_undo"),
    path("lag/<slug:slug>/kontingent/<int:year>/ubetalt/excel/", exports.unpaid_export, name="unpaid_export"),
    path("lag/<slug:slug>/kontingent/<int:year>/ubetalt/utskrift/", exports.unpaid_print, name="unpaid_print"),
    path("lag/<slug:slug>/kontingent/<int:year>/ubetalt/ringeliste/", calls.call_list_make, name="call_list_make"),
    path("lag/<slug:slug>/ringelister/", calls.call_lists, name="call_lists"),
    path("lag/<slug:slug>/ringelister/<int:pk>/", calls.call_list, name="call_list"),
    path("lag/<slug:slug>/ringelister/<int:pk>/lukk/", calls.call_list_close, name="call_list_close"),
    path("lag/<slug:slug>/ringelister/<int:pk>/excel/", exports.call_list_export, name="call_list_export"),
    path(
        "lag/<slug:slug>/ringelister/<int:pk>/utskrift/<int:caller>/", exports.call_list_print, name="call_list_print"
    ),
]
