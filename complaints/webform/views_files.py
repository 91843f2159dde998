"""One file of the form, uploaded by the page's script as soon as it was chosen; the answers are for that script."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.throttle import client_network
from complaints.customer.views_link import secluded
from complaints.errors import Refused
from complaints.webform import limits, staging


@login_not_required
@require_POST
def files(request: HttpRequest):
    """Keep the file for the form, or take one back (`remove`); what cannot be kept says why, in words for people."""
    form_key, file_key = _key(request, "form_key"), _key(request, "file_key")
    if form_key is None or file_key is None:
        return _refused(_("This page is too old. Open it again: your text stays on this device."), 422)
    if "remove" in request.POST:
        staging.drop(form_key, file_key)
        return secluded(JsonResponse({}))
    upload = request.FILES.get("file")
    if upload is None:
        return _refused(_("Choose a file."), 422)
    try:
        limits.refuse_files(client_network(request))
        kept = staging.stage(form_key, file_key, upload, at=timezone.now())
    except Refused as refused:
        return _refused(str(refused), refused.status)
    return secluded(JsonResponse({"name": kept.label, "size": kept.size}))


def _key(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        return None


def _refused(words: str, status: int):
    return secluded(JsonResponse({"error": words}, status=status))
