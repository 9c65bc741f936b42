"""Addresses of the account pages. Of allauth's views only those somebody needs: the rest have no address.

Without a namespace: allauth looks its names up as they are.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.totp import views as totp
from django.urls import path, re_path

from accounts import views

urlpatterns = [
    path("konto/logg-inn/", account.login, name="account_login"),
    path("konto/logg-inn/kode/", account.request_login_code, name="account_request_login_code"),
    path("konto/logg-inn/kode/skriv/", account.confirm_login_code, name="account_confirm_login_code"),
    path("konto/logg-inn/totrinn/", mfa.authenticate, name="mfa_authenticate"),
    path("konto/logg-ut/", account.logout, name="account_logout"),
    path("konto/avsluttet/", account.account_inactive, name="account_inactive"),
    path("konto/ny/", views.signup_closed, name="account_signup"),
    path("konto/invitasjon/<str:token>/", views.invitation, name="account_invitation"),
    path("konto/passord/", account.password_change, name="account_change_password"),
    path("konto/passord/lag/", account.password_set, name="account_set_password"),
    path("konto/passord/glemt/", account.password_reset, name="account_reset_password"),
    path("konto/passord/glemt/sendt/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "konto/passord/glemt/ferdig/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"
    ),
    re_path(
        r"^konto/passord/glemt/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("konto/bekreft/", account.reauthenticate, name="account_reauthenticate"),
    path("konto/bekreft/totrinn/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("konto/totrinn/", views.second_factor_index, name="mfa_index"),
    path("konto/totrinn/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("konto/totrinn/app/fjern/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("konto/totrinn/reservekoder/", views.recovery_codes, name="mfa_view_recovery_codes"),
]
