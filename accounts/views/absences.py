from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.absences import present_and_future
from accounts.forms import AbsenceForm
from accounts.models import Absence


@require_http_methods(["GET", "POST"])
def absences(request: HttpRequest) -> HttpResponse:
    """When the person who is signed in is away, and who stands in; a new absence is entered here."""
    at = timezone.now()
    form = AbsenceForm(request.POST or None, person=request.user, at=at)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your absence is entered."))
        return redirect("accounts:absences")
    context = {"form": form, "absences": present_and_future(request.user, at), "now": at}
    return render(request, "accounts/absences.html", context, status=422 if form.errors else 200)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Back earlier: an absence that runs ends now, one that has not begun is taken out."""
    at = timezone.now()
    absence = get_object_or_404(Absence, pk=pk, person=request.user)
    if absence.begins_at >= at:
        absence.delete()
    elif absence.ends_at > at:
        absence.ends_at = at
        absence.save(update_fields=["ends_at"])
    messages.success(request, _("The absence is ended."))
    return redirect("accounts:absences")
