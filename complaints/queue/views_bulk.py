"""Bulk actions: rows are chosen on a list, what the action needs is asked once, the result names what was refused."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext_lazy
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from accounts.kept import kept_texts
from accounts.models import Person, Team
from accounts.requests import DeskRequest
from complaints.choices import Severity
from complaints.db.keyset_paging import BadKey, Column, Order, page_of, place_in
from complaints.errors import NotPermitted, Refused
from complaints.models import BulkRow, BulkRun, Category, Complaint
from complaints.queue import bulk, views_bulk_line
from complaints.queue.address import address_in
from complaints.queue.filters import ComplaintFilter
from complaints.queue.forms_bulk import FORMS
from complaints.queue.worklists import worklists_of
from complaints.texts import clean_line
from ui.way_back import way_back

Action = BulkRun.Action
FIRST_FEW = 5
RUNS_SHOWN = 30
REFUSED_ORDER = Order("row", (Column("id"),))
REFUSED_SHOWN = 50
LONGEST_ID = 18
HEADINGS = {
    Action.ASSIGN: ngettext_lazy("Assign %(count)d complaint", "Assign %(count)d complaints", "count"),
    Action.REASSIGN: ngettext_lazy("Reassign %(count)d complaint", "Reassign %(count)d complaints", "count"),
    Action.CATEGORY: ngettext_lazy(
        "Change the category of %(count)d complaint", "Change the category of %(count)d complaints", "count"
    ),
    Action.DUPLICATE: ngettext_lazy(
        "Close %(count)d complaint as a duplicate", "Close %(count)d complaints as duplicates", "count"
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def runs(request: DeskRequest) -> HttpResponse:
    """My last bulk actions; POST chooses the rows for a new one and leads to its page."""
    if request.method == "POST":
        return _choose(request)
    mine = BulkRun.objects.filter(person=request.user).annotate(**bulk.counted("rows__")).order_by("-pk")[:RUNS_SHOWN]
    listed = []
    for run in mine:
        held = bulk.Progress(run.waiting, run.done, run.refused)
        listed.append({"run": run, "progress": held, "heading": _heading(run, held)})
    return render(request, "complaints/queue/bulk_runs.html", {"runs": listed})


@require_http_methods(["GET", "HEAD", "POST"])
def run(request: DeskRequest, pk: int) -> HttpResponse:
    """One bulk action of mine: what it needs, then how far it is, then what became of it. POST starts it."""
    found = get_object_or_404(BulkRun.objects.select_related("person"), pk=pk, person=request.user)
    posted = request.method == "POST"
    if found.started_at is not None and not posted:
        return _result(request, found)
    handler = found.data.get("handler", "")
    form = FORMS[found.action](request.POST if posted else None, person=request.user, handler=handler)
    if posted and form.is_valid():
        try:
            lasts = _start(found, request.user, form.values())
        except bulk.StartedBefore as refused:
            return _result(request, found, refused)
        response = redirect("complaints:bulk_run", pk)
        return views_bulk_line.remember(request, response, pk) if lasts else response
    if found.started_at is not None:
        return _result(request, found, bulk.StartedBefore())
    held = bulk.progress(found)
    chosen = Complaint.objects.visible_to(request.user).filter(pk__in=found.rows.values("complaint"))
    context = _context(found, held) | {
        "form": form,
        "few": chosen.order_by("pk")[:FIRST_FEW],
        "more": max(0, held.total - FIRST_FEW),
    }
    return render(request, "complaints/queue/bulk_ask.html", context, status=422 if posted else 200)


def _choose(request: DeskRequest) -> HttpResponse:
    """Keep the rows that were ticked, all that match the list's filters, or those that an earlier run refused.

    Raises PermissionDenied.
    """
    back = way_back(request, reverse("complaints:queue"))
    action = request.POST.get("action", "")
    if action not in Action.values:
        messages.error(request, _("There is no such action. Choose one of those below the list."))
        return HttpResponseRedirect(back)
    posted: list[str] = []
    if request.POST.get("all"):
        wanted = _matching(request)
    elif request.POST.get("refused_of"):
        wanted = _refused_before(request)
    else:
        posted = request.POST.getlist("row")
        wanted = _ticked(request, posted)
    data = {"next": back, "handler": clean_line(request.POST.get("handler", ""))[:40]}
    try:
        chosen = bulk.choose(request.user, action, wanted, at=timezone.now(), data=data)
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(back)
    note = bulk.left_out(posted, chosen)
    if note:
        messages.warning(request, note)
    return redirect("complaints:bulk_run", chosen.pk)


def _ticked(request: DeskRequest, posted: list[str]):
    return Complaint.objects.visible_to(request.user).filter(pk__in=_ids(posted))


def _refused_before(request: DeskRequest):
    runs = BulkRun.objects.filter(person=request.user, pk__in=_ids([request.POST["refused_of"]]))
    refused = BulkRow.objects.filter(run__in=runs, state=BulkRow.State.REFUSED)
    return Complaint.objects.visible_to(request.user).filter(pk__in=refused.values("complaint"))


def _ids(values: list[str]) -> set[int]:
    """Those of the values that are numbers of a row; the others stand for no row."""
    return {int(value) for value in values if value.isascii() and value.isdecimal() and len(value) <= LONGEST_ID}


def _matching(request: DeskRequest):
    """All complaints of the view that the page showed, under the filters of its address."""
    worklist = worklists_of(request.user).get(request.POST.get("view", ""))
    visible = Complaint.objects.visible_to(request.user)
    if worklist is None:
        return visible.none()
    filtered = ComplaintFilter(address_in(request, "filters"), visible, person=request.user)
    return worklist.pick(filtered.qs, request.user, timezone.now())


def _start(run: BulkRun, person: Person, values: dict) -> bool:
    """Begin; few rows are done at once, more are left to the workers, who are woken when the start is committed.

    Returns whether it was left to the workers.
    """
    with transaction.atomic():
        begun = bulk.start(run.pk, person=person, values=values, at=timezone.now())
        few = run.rows.count() <= bulk.AT_ONCE
        if begun and not few:
            # Without Redis the beat finds it a little later.
            transaction.on_commit(lambda: bulk.wake_workers(run.pk), robust=True)
    if begun and few:
        bulk.work(run.pk, clock=timezone.now)
    return begun and not few


def _result(request: DeskRequest, run: BulkRun, started_before: Refused | None = None) -> HttpResponse:
    """How far it is, renewed by htmx; when it is over the page is shown as a whole, with what was refused."""
    held = bulk.progress(run)
    context = _context(run, held) | {"started_before": started_before, "kept_texts": kept_texts(request)}
    status = 200 if started_before is None else started_before.status
    if run.finished_at is None:
        template = "complaints/queue/_bulk_progress.html" if request.htmx else "complaints/queue/bulk_run.html"
        return render(request, template, context, status=status)
    if request.htmx:
        return HttpResponseClientRefresh()
    rows, notes = bulk.refused_rows(run, request.user), []
    try:
        page = page_of(rows, REFUSED_ORDER, **place_in(request.GET), size=REFUSED_SHOWN)
    except BadKey as bad:
        page = page_of(rows, REFUSED_ORDER, size=REFUSED_SHOWN)
        notes.append(str(bad))
    context |= {"page": page, "notes": notes, "bulk_actions": bulk.actions_for(request.user)}
    answer = render(request, "complaints/queue/bulk_run.html", context, status=status)
    return views_bulk_line.forget(request, answer, run.pk)


def _context(run: BulkRun, held: bulk.Progress) -> dict:
    back = run.data.get("next") or reverse("complaints:queue")
    return {"run": run, "progress": held, "heading": _heading(run, held), "facts": _facts(run), "back": back}


def _heading(run: BulkRun, held: bulk.Progress) -> str:
    return HEADINGS[BulkRun.Action(run.action)] % {"count": held.total}


def _facts(run: BulkRun) -> list[tuple[str, str]]:
    """(label, text) of what the form gave; nothing before it was filled in."""
    values = run.data.get("values", {})
    facts = []
    if values.get("handler"):
        facts.append((_("Handler"), _label(Person, values["handler"])))
    if values.get("team"):
        facts.append((_("Team"), _label(Team, values["team"])))
    if values.get("category"):
        facts.append((_("Category"), _label(Category, values["category"])))
    if values.get("severity"):
        facts.append((_("Severity"), str(Severity(values["severity"]).label)))
    if values.get("original"):
        facts.append((_("Original"), _label(Complaint, values["original"])))
    if values.get("reason"):
        facts.append((_("Reason"), values["reason"]))
    return facts


def _label(model: type[Model], pk: int) -> str:
    entry = model._default_manager.filter(pk=pk).first()
    return str(getattr(entry, "label", entry)) if entry else "–"
