"""The customer's page. GET changes nothing; every answer is a POST that leads to a page which confirms it."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from complaints.case.actors import CUSTOMER
from complaints.case.once import SentBefore
from complaints.customer import (
    answers,
    appeals,
    file_leaves,
    forms,
    page as customer_page,
    representatives,
    views_decide,
)
from complaints.customer.haste import refuse_haste
from complaints.customer.page import CustomerPage
from complaints.customer.views_link import complaint_of, on_link
from complaints.errors import Refused
from complaints.evidence.forms import names_of, status_of
from complaints.models import Complaint

Act = Callable[..., None]
# A GET of an answer's address (a reload, a change of language) leads back to the page.
takes_answers = require_http_methods(["GET", "HEAD", "POST"])
DONE = ("reply", "confirm", "choose", "rate", "reopen", "appeal", *views_decide.DECISIONS)


@login_not_required
@on_link
@require_safe
def status(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """Where the complaint stands, and everything that the customer may do about it."""
    return _page(request, complaint, timezone.now())


@login_not_required
@on_link
@require_safe
def done(request: HttpRequest, complaint: Complaint, what: str) -> HttpResponse:
    """What was just received, in words, with what happens next."""
    if what not in DONE:
        raise Http404
    page = customer_page.build(complaint, timezone.now())
    appeal = appeals.shown_on(page)
    if what == "appeal" and appeal is None:
        raise Http404
    context = {"page": page, "what": what, "now": page.at, "appeal": appeal}
    return render(request, "complaints/customer/done.html", context)


@login_not_required
@on_link
@takes_answers
def reply(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """The customer writes, and adds files."""
    return _answered(request, complaint, "reply", answers.reply)


@login_not_required
@on_link
@takes_answers
def confirm(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """The customer confirms that we understood."""
    return _answered(request, complaint, "confirm", answers.confirm)


@login_not_required
@on_link
@takes_answers
def choose(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """The customer picks one of the solutions offered."""
    return _answered(request, complaint, "choose", answers.choose)


@login_not_required
@on_link
@takes_answers
def rate(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """The customer says whether it is solved."""
    return _answered(request, complaint, "rate", answers.rate)


@login_not_required
@on_link
@takes_answers
def reopen(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """The customer says that it is still a problem."""
    return _answered(request, complaint, "reopen", answers.reopen)


def _answered(request: HttpRequest, complaint: Complaint, name: str, act: Act) -> HttpResponse:
    """Take one answer: act and lead to its confirmation, or show the page again with what was typed.

    The status says what refused it: the form (422), the stage (409), too many (429), a full disk (507).
    """
    if request.method != "POST":
        return redirect("complaints:public_status", complaint.token)
    at = timezone.now()
    form = _forms(customer_page.build(complaint, at), request, name)[name]
    try:
        refuse_haste(request, complaint)
        if form.is_valid():
            actor = representatives.actor_on(complaint, name)
            act(complaint.pk, form.cleaned_data, at=at, **({} if actor is CUSTOMER else {"actor": actor}))
            return redirect("complaints:public_done", complaint.token, name)
        code = status_of(form)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        code = refusal.status
        if isinstance(refusal, SentBefore):
            form.renew_key()
    return _page(request, complaint_of(complaint.token) or complaint, at, name, form, code)


def _page(
    request: HttpRequest,
    complaint: Complaint,
    at: datetime,
    refused: str = "",
    form: forms.PublicForm | None = None,
    code: int = 200,
) -> HttpResponse:
    """The page; after a refused answer with that form, so that nothing typed is lost."""
    page = customer_page.build(complaint, at)
    appeal = appeals.shown_on(page)
    shown = _forms(page)
    if form is not None:
        shown[refused] = form
    available = {
        "reply": page.may_reply,
        "confirm": bool(page.restatement),
        "choose": bool(page.options),
        "rate": page.may_rate,
        "reopen": page.may_reopen,
    }
    may = {name: representatives.may(complaint, name) for name in available}
    context = {
        "page": page,
        "now": at,
        "appeal": appeal,
        "may_appeal": appeals.may_appeal(complaint, at) and representatives.may(complaint, "appeal"),
        "appeal_is_over": appeals.is_over(complaint, at),
        "forms": shown,
        "refused": form,
        "may": may,
        "leave": file_leaves.leave_of(complaint),
        "decisions": views_decide.rows(complaint),
        "files_lost": names_of(request.FILES) if form is not None else [],
        # Words of a form whose time is over while they were typed: to copy.
        "kept": form.typed() if form is not None and not available[refused] else "",
    }
    return render(request, "complaints/customer/status.html", context, status=code)


def _forms(page: CustomerPage, request: HttpRequest | None = None, sent: str = "") -> dict:
    """The forms of the page by name; the one that was `sent` is bound to the request."""
    data = {sent: request.POST} if request else {}
    # Choosing the chosen one again is no error.
    options = page.options or ([page.chosen] if page.chosen else [])
    return {
        "reply": forms.ReplyForm(data.get("reply"), request.FILES if request and sent == "reply" else None),
        "confirm": forms.ConfirmForm(data.get("confirm")),
        "choose": forms.ChooseForm(data.get("choose"), options=options),
        "rate": forms.RateForm(data.get("rate"), kind=page.complaint.kind),
        "reopen": forms.ReopenForm(data.get("reopen")),
    }
