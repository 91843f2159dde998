"""Posters made in the desk: the form, the file of one site at once, the file of a region when a worker has made it."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.access import has_role
from accounts.models import Role, Team
from accounts.requests import DeskRequest
from complaints.errors import NotPermitted, Refused
from followups.models import PosterRun
from followups.posters import posters as making
from followups.posters.forms import PosterForm

RUNS_SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
def posters(request: DeskRequest) -> HttpResponse:
    """Which poster to make; a single one is the answer, those of a region are left to a worker."""
    if not has_role(request.user, Role.SUPERVISOR):
        raise PermissionDenied
    if request.method != "POST":
        return _show(request, PosterForm(person=request.user))
    form = PosterForm(request.POST, person=request.user)
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        return _made(request, form)
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except Refused as refused:
        form.add_error("team", str(refused))
        return _show(request, form, status=refused.status)


@require_safe
def run(request: DeskRequest, pk: int) -> HttpResponse:
    """How far the posters of a region are, renewed by htmx; when they are made, where the file is."""
    found = _of_mine(request, pk)
    if request.htmx and found.finished_at is not None:
        return HttpResponseClientRefresh()
    template = "followups/posters/_progress.html" if request.htmx else "followups/posters/run.html"
    return render(request, template, {"run": found})


@require_safe
def pdf(request: DeskRequest, pk: int) -> HttpResponse:
    """The file of a run of mine that is made."""
    found = _of_mine(request, pk)
    made = PosterRun.objects.filter(pk=found.pk, pdf__isnull=False).values_list("pdf", flat=True).first()
    if made is None:
        raise Http404
    return _file(bytes(made), f"posters-{found.paper}-{found.pk}")


def _made(request: DeskRequest, form: PosterForm) -> HttpResponse:
    data, at = form.cleaned_data, timezone.now()
    team: Team = data["team"]
    wanted = {"person": request.user, "paper": data["paper"], "languages": data["languages"], "at": at}
    if team.kind == Team.Kind.SITE:
        return _file(making.of_site(team, **wanted), f"poster-{data['paper']}-{team.pk}")
    with transaction.atomic():
        started = making.start(team, submission_key=data["submission_key"], **wanted)
        # Without Redis the beat finds it a little later.
        transaction.on_commit(partial(making.wake_workers, started.pk), robust=True)
    messages.success(
        request, _("The posters are being made. You may leave the page: they stand here when they are ready.")
    )
    return redirect("followups:poster_run", started.pk)


def _of_mine(request: DeskRequest, pk: int) -> PosterRun:
    mine = PosterRun.objects.filter(person=request.user).select_related("team").defer("pdf")
    return get_object_or_404(mine, pk=pk)


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


def _show(request: DeskRequest, form: PosterForm, *, status: int = 200) -> HttpResponse:
    runs = PosterRun.objects.filter(person=request.user).select_related("team").defer("pdf")
    context = {"form": form, "runs": runs[:RUNS_SHOWN]}
    return render(request, "followups/posters/posters.html", context, status=status)
