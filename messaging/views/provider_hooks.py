"""Where the provider that sends our email tells what became of it.

Nobody signs in here. The secret in the path is the key, and the provider signs in or signs what it sends besides, as
anymail checks. Without a secret, or for another provider than the one in use, nothing is here.
"""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from common import clock
from messaging.bounces.providers import provider, read_events, take


@csrf_exempt
@sensitive_post_parameters()
@require_http_methods(["HEAD", "POST"])
def email_events(request: HttpRequest, secret: str, name: str) -> HttpResponseBase:
    """Take the provider's reports. An error of our own answers 500, and the provider tells it again."""
    wanted = settings.WEBHOOK_SECRET
    if not (wanted and settings.ANYMAIL.get("WEBHOOK_SECRET") and name and name == provider()):
        raise Http404
    if not constant_time_compare(secret, wanted):
        raise Http404
    try:
        answer, events = read_events(request)
    except ValueError:
        return HttpResponse(status=400)
    for event in events:
        take(event, now=clock.machine_time())
    return answer
