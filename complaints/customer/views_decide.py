"""What the customer decides at any time: a page that asks, a POST that does it, a page that confirms it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from complaints.customer import decisions, page as customer_page, representatives
from complaints.customer.forms_decide import DecideForm, HoursForm, LanguageForm, SupervisorForm, TakeBackForm
from complaints.customer.haste import refuse_haste
from complaints.customer.views_link import on_link
from complaints.errors import Refused
from complaints.evidence.forms import status_of
from complaints.models import Complaint


def _always(_complaint: Complaint) -> bool:
    return True


@dataclass(frozen=True)
class Decision:
    """One row of "You decide": its words, when it is offered, its form and its verb; `now` is what holds now."""

    label: str | LazyText
    now: Callable[[Complaint], str | LazyText]
    act: Callable[..., None]
    is_offered: Callable[[Complaint], bool] = _always
    form: type[DecideForm] = DecideForm


def _hours(complaint: Complaint) -> str | LazyText:
    return (complaint.customer.call_hours if complaint.customer is not None else "") or _("You have not said yet")


def _says(words: LazyText) -> Callable[[Complaint], LazyText]:
    return lambda _complaint: words


DECISIONS = {
    "hours": Decision(
        _("When to call me"), _hours, decisions.set_call_hours, decisions.may_set_call_hours, form=HoursForm
    ),
    "language": Decision(
        _("Language"), lambda complaint: complaint.get_language_display(), decisions.set_language, form=LanguageForm
    ),
    "supervisor": Decision(
        _("Ask for a supervisor"),
        _says(_("Somebody above looks at it and signs for it")),
        decisions.ask_for_supervisor,
        decisions.may_ask_for_supervisor,
        form=SupervisorForm,
    ),
    "take-back": Decision(
        _("Take the complaint back"),
        _says(_("We stop working on it")),
        decisions.take_back,
        decisions.may_take_back,
        form=TakeBackForm,
    ),
    "stop": Decision(
        _("Stop contacting me"),
        _says(_("We work on; you look here")),
        decisions.stop_contact,
        decisions.may_stop_contact,
    ),
    "contact": Decision(
        _("Contact me again"),
        _says(_("At the moment we do not contact you")),
        decisions.begin_contact,
        decisions.may_begin_contact,
    ),
}


def rows(complaint: Complaint) -> list[dict]:
    """What is offered to the customer now, in order: the word of its address, its label, and what holds now."""
    if complaint.representative is not None:
        return []
    offered = ((what, decision) for what, decision in DECISIONS.items() if decision.is_offered(complaint))
    return [{"what": what, "label": one.label, "now": one.now(complaint)} for what, one in offered]


@login_not_required
@on_link
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, complaint: Complaint, what: str) -> HttpResponse:
    """Ask, or do it and lead to what confirms it. What is not offered any more leads to the page."""
    decision = DECISIONS.get(what)
    if decision is None:
        raise Http404
    at, code = timezone.now(), 200
    if request.method == "POST":
        form = decision.form(request.POST, complaint=complaint)
        try:
            refuse_haste(request, complaint)
            if form.is_valid():
                representatives.actor_on(complaint, what)
                decision.act(complaint.pk, form.cleaned_data, at=at)
                return _speaking(redirect("complaints:public_done", complaint.token, what), form.cleaned_data)
            code = status_of(form)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            code = refusal.status
    elif not (decision.is_offered(complaint) and representatives.may(complaint, what)):
        return redirect("complaints:public_status", complaint.token)
    else:
        form = decision.form(complaint=complaint)
    return render(request, "complaints/customer/decide.html", _context(complaint, what, form, at), status=code)


def _context(complaint: Complaint, what: str, form: DecideForm, at: datetime) -> dict:
    page = customer_page.build(complaint, at)
    return {"page": page, "what": what, "label": DECISIONS[what].label, "form": form, "now": at}


def _speaking(response: HttpResponse, said: dict) -> HttpResponse:
    """A language that was chosen is the one of the page too, whatever the browser chose before."""
    if "language" in said:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            said["language"],
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )
    return response
