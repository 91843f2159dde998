"""The heartbeat of an open complaint page: who else is here, and whether the case changed since it was loaded."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.requests import DeskRequest
from complaints.models import Complaint
from complaints.workspace import presence as presences
from complaints.workspace.parts import news_since

NEWS_SHOWN = 3


@require_POST
def presence(request: DeskRequest, reference: str) -> HttpResponse:
    """Note that the page is open and answer with two fragments: the others, and what is new since `version`."""
    at = timezone.now()
    visible = Complaint.objects.visible_to(request.user).only("pk", "reference", "token_hash", "version")
    complaint = get_object_or_404(visible, reference=reference)
    writing = request.POST.get("writing") == "yes"
    presences.beat(complaint, request.user, at=at, writing=writing)
    seen = request.POST.get("version", "")
    known = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else complaint.version
    news = news_since(complaint, known, at, besides=request.user)
    context = {
        "complaint": complaint,
        "here": presences.others(complaint, request.user, at=at),
        "news": news[-NEWS_SHOWN:],
        "more_news": len(news) > NEWS_SHOWN,
    }
    return render(request, "complaints/workspace/_beat.html", context)
