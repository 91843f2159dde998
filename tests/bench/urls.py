"""The desk's addresses, and the minimal view: what one indexed query as JSON takes in the same server."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from complaints.models import Complaint
from config import urls as desk
from config.urls import handler400, handler403, handler404, handler500  # noqa: F401 - Django looks for them here


@require_safe
@login_not_required
def minimal(request: HttpRequest, reference: str) -> JsonResponse:
    """One case by its reference: the least that a page which reads the database can take."""
    return JsonResponse(Complaint.objects.values("reference", "status", "next_due_at").get(reference=reference))


urlpatterns = [path("bench/minimal/<str:reference>/", minimal), *desk.urlpatterns]
