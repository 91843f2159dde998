"""The address at which providers report what became of text messages; a part of it is secret (SMS_RECEIPTS_KEY)."""

import hmac
import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt  # no browser comes here, and no cookie counts
from django.views.decorators.http import require_POST

from followups import clock
from followups.delivery import receipts as noting
from followups.delivery.sms.account import account
from followups.delivery.sms.texter import PROVIDERS

log = logging.getLogger(__name__)
MOST_AT_ONCE = 1000


@login_not_required
@csrf_exempt  # the key in the address says who it is
@require_POST
def receipts(request: HttpRequest, key: str) -> JsonResponse:
    """Note what is reported; 503 asks the provider to say it again, 400 and 403 say why nothing was noted."""
    ours = settings.SMS_RECEIPTS_KEY
    if not (settings.SMS and ours and hmac.compare_digest(ours.encode(), key.encode())):
        raise Http404
    provider = PROVIDERS[settings.SMS["provider"]]
    now = clock.now()
    try:
        reported = provider.receipts(account(), request.body, request.headers, now)
    except PermissionError as refused:
        return JsonResponse({"error": str(refused)}, status=403)
    except (ValueError, RequestDataTooBig) as error:
        return JsonResponse({"error": str(error)}, status=400)
    if len(reported) > MOST_AT_ONCE:
        return JsonResponse({"error": "too many at once"}, status=400)
    try:
        news = sum(noting.take(receipt, at=now) for receipt in reported)
    except OperationalError as error:
        log.warning("Receipts could not be noted, the provider reports them again: %s", type(error).__name__)
        return JsonResponse({"error": "busy"}, status=503)
    if news < len(reported):
        log.info("Of %s receipts %s were news", len(reported), news)
    return JsonResponse(provider.THANKS)


# It takes JSON, which the other addresses refuse (config.middleware).
receipts.takes_json = True  # type: ignore[attr-defined]  # a mark on a function
