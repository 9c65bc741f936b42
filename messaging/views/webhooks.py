"""Where the SMS gateways tell what became of an SMS, and hand over those that come in.

Nobody signs in here. The secret in the path is the key; Twilio signs what it sends as well, and Sveve can be given a
password (`basic=user:password` in SMS_URL). Without a secret, or with another gateway set up, nothing is here.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import wraps
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from common import clock
from messaging.enums import Channel
from messaging.inbound import receive
from messaging.inbound.gateways import sveve_message, sveve_report_of, twilio_report_of
from messaging.inbound.reports import take_report
from messaging.inbound.senders import address_key, by_provider, latest_to
from messaging.transports.gateway import Account
from messaging.transports.sms import account_of
from messaging.transports.twilio import is_signed

View = Callable[[HttpRequest, str], HttpResponse]
Handler = Callable[[HttpRequest, Account], HttpResponse]

# Any other text Twilio would send on, as an SMS to the one who wrote; and so would Sveve, which gets nothing at all.
_NO_ANSWER: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def _for_gateway(scheme: str) -> Callable[[Handler], View]:
    """Open to whoever knows the secret, where this gateway is the one set up."""

    def decorate(handler: Handler) -> View:
        @csrf_exempt
        @sensitive_post_parameters()
        @wraps(handler)
        def view(request: HttpRequest, secret: str) -> HttpResponse:
            account = account_of(scheme)
            if account is None or not settings.WEBHOOK_SECRET:
                raise Http404
            if not constant_time_compare(secret, settings.WEBHOOK_SECRET):
                raise Http404
            return handler(request, account)

        return view

    return decorate


def _signed_by_twilio(handler: Handler) -> Handler:
    @wraps(handler)
    def checked(request: HttpRequest, account: Account) -> HttpResponse:
        sent = request.headers.get("X-Twilio-Signature", "")
        if not is_signed(sent, account, request.get_full_path(), dict(request.POST.lists())):
            return HttpResponse(status=403)
        return handler(request, account)

    return checked


def _with_sveves_password(handler: Handler) -> Handler:
    @wraps(handler)
    def checked(request: HttpRequest, account: Account) -> HttpResponse:
        if basic := account.options.get("basic"):
            wanted = "Basic " + b64encode(basic.encode()).decode()
            if not constant_time_compare(request.headers.get("Authorization", ""), wanted):
                return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="sms"'})
        return handler(request, account)

    return checked


@require_http_methods(["GET", "POST"])
@_for_gateway("sveve")
@_with_sveves_password
def sveve_report(request: HttpRequest, _account: Account) -> HttpResponse:
    """By GET or by POST, as the account is set up at Sveve."""
    if report := sveve_report_of(_fields(request)):
        take_report(report, now=clock.machine_time())
    return HttpResponse(content_type="text/plain")


@require_http_methods(["GET", "POST"])
@_for_gateway("sveve")
@_with_sveves_password
def sveve_inbound(request: HttpRequest, _account: Account) -> HttpResponse:
    """What it answers with could be sent to the one who wrote: it answers with nothing."""
    came = sveve_message(_fields(request))
    if came is None:
        return HttpResponse(status=400)
    now = clock.machine_time()
    answered = by_provider(came.answers) or latest_to(Channel.SMS, address_key(Channel.SMS, came.number))
    receive(
        channel=Channel.SMS,
        address=came.number,
        text=came.text,
        external_id=came.external_id(answered=str(answered.pk) if answered else "", day=now.date().isoformat()),
        now=now,
        answers_to=answered,
    )
    return HttpResponse(content_type="text/plain")


@require_POST
@_for_gateway("twilio")
@_signed_by_twilio
def twilio_report(request: HttpRequest, _account: Account) -> HttpResponse:
    """Every step on the way; the two ends count."""
    if report := twilio_report_of(_fields(request), ref=request.GET.get("ref", "")):
        take_report(report, now=clock.machine_time())
    return HttpResponse(status=204)


@require_POST
@_for_gateway("twilio")
@_signed_by_twilio
def twilio_inbound(request: HttpRequest, _account: Account) -> HttpResponse:
    """An SMS to one of our numbers."""
    fields = _fields(request)
    number, sid = fields.get("From", ""), fields.get("MessageSid", fields.get("SmsSid", ""))
    if not number or not sid:
        return HttpResponse(status=400)
    receive(
        channel=Channel.SMS,
        address=number,
        text=fields.get("Body", ""),
        external_id=f"twilio:{sid}",
        now=clock.machine_time(),
    )
    return HttpResponse(_NO_ANSWER, content_type="text/xml")


def _fields(request: HttpRequest) -> dict[str, str]:
    """The last of each name, as Django has it; without the one character that no database takes."""
    fields = {**request.GET.dict(), **request.POST.dict()}
    return {name: str(value).replace("\x00", "") for name, value in fields.items()}
