"""Saved views of the queue: save one, rename and share it, let it show something else, delete it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import DeskRequest
from complaints.errors import GateRefused, Missing, Refused
from complaints.models import SavedView
from complaints.queue import address, saved_views
from complaints.queue.address import Asked, address_in
from complaints.queue.forms_saved_view import SavedViewForm


@require_http_methods(["GET", "HEAD", "POST"])
def save_view(request: DeskRequest) -> HttpResponse:
    """Keep what the queue shows (`query`, an address of it) under a name. GET (a reload) leads to the queue."""
    if request.method != "POST":
        return redirect("complaints:queue")
    asked = address.read(address_in(request, "query"), request.user)
    form = SavedViewForm(request.POST, teams=_teams(request, asked))
    if not form.is_valid():
        return _page(request, asked, form, status=422)
    try:
        view = saved_views.save(
            request.user,
            name=form.cleaned_data["name"],
            query=asked.query,
            team_id=form.cleaned_data.get("shared_with"),
            at=timezone.now(),
        )
    except Refused as refused:
        return _refused(request, asked, form, refused)
    messages.success(request, _("Saved as “%(name)s”.") % {"name": view.name})
    return _open(view)


@require_http_methods(["GET", "HEAD", "POST"])
def saved_view(request: DeskRequest, pk: int) -> HttpResponse:
    """Rename a view of one's own, or share it with somebody else."""
    view = _own(request, pk)
    asked = address.read(QueryDict(view.query), request.user)
    now = {"name": view.name, "shared_with": view.shared_with_id}
    form = SavedViewForm(request.POST or None, teams=_teams(request, asked), initial=now)
    if request.method != "POST":
        return _page(request, asked, form, view)
    if not form.is_valid():
        return _page(request, asked, form, view, status=422)
    try:
        saved_views.rename(
            view,
            person=request.user,
            name=form.cleaned_data["name"],
            team_id=form.cleaned_data.get("shared_with"),
            at=timezone.now(),
        )
    except Refused as refused:
        return _refused(request, asked, form, refused, view)
    messages.success(request, _("Saved as “%(name)s”.") % {"name": view.name})
    return _open(view)


@require_POST
def replace_view(request: DeskRequest, pk: int) -> HttpResponse:
    """Let a view of one's own show what the queue shows now (`query`)."""
    view = _own(request, pk)
    asked = address.read(address_in(request, "query"), request.user)
    try:
        saved_views.replace(view, person=request.user, query=asked.query, at=timezone.now())
    except Refused as refused:
        form = SavedViewForm({"name": view.name, "shared_with": view.shared_with_id}, teams=_teams(request, asked))
        return _refused(request, asked, form, refused, view)
    messages.success(request, _("“%(name)s” now shows this.") % {"name": view.name})
    return _open(view)


@require_POST
def delete_view(request: DeskRequest, pk: int) -> HttpResponse:
    """Delete a view of one's own; the queue goes on showing what it showed."""
    view = _own(request, pk)
    saved_views.delete(view, person=request.user)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": view.name})
    return redirect(f"{reverse('complaints:queue')}?{view.query}")


def _own(request: DeskRequest, pk: int) -> SavedView:
    """A view of the person's own; a shared one is seen, so it answers 403, and any other 404."""
    view = get_object_or_404(saved_views.visible_to(request.user), pk=pk)
    if view.owner_id != request.user.pk:
        raise PermissionDenied
    return view


def _teams(request: DeskRequest, asked: Asked):
    return saved_views.shareable(request.user, asked.filter.filter_choices.teams)


def _open(view: SavedView) -> HttpResponse:
    return redirect(reverse("complaints:queue") + view.address)


def _page(
    request: DeskRequest, asked: Asked, form: SavedViewForm, view: SavedView | None = None, status: int = 200
) -> HttpResponse:
    at = timezone.now()
    context = {"now": at, "asked": asked, "chips": asked.filter.chips(at), "form": form, "view": view}
    return render(request, "complaints/queue/saved_view.html", context, status=status)


def _refused(request: DeskRequest, asked: Asked, form: SavedViewForm, refused: Refused, view=None) -> HttpResponse:
    """The form again, with what was typed and why not."""
    missing = refused.missing if isinstance(refused, GateRefused) else [Missing("", str(refused))]
    for item in missing:
        form.add_error(item.field if item.field in form.fields else None, item.message)
    return _page(request, asked, form, view, refused.status)
