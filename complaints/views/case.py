"""The complaint page: who and what, what is promised, what to do next, what was said, what happened."""

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.fernet import InvalidToken
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Role
from complaints import events, lifecycle, presence, replies, tokens
from complaints.choices import Status
from complaints.conversation import SPEAKING
from complaints.errors import Missing
from complaints.evidence import ADDING
from complaints.forms.solutions import ChoiceHeardForm, OfferForm
from complaints.forms.step import Difference, StepForm
from complaints.forms.talk import ComposerForm
from complaints.gates import of_this_round
from complaints.lifecycle import WORKING
from complaints.models import Complaint
from complaints.solutions import HANDLING
from complaints.timeline import Told, names_in
from complaints.views.case_parts import (
    EARLIER_SHOWN,
    HISTORY_SHOWN,
    Line,
    conversation,
    events_for_page,
    fetch,
    lines,
    next_step,
    stage_moments,
)
from complaints.visibility import roles_on

BEFORE_RESULT = (Status.RECEIVED, Status.VERIFIED, Status.ASSIGNED)


@dataclass
class Refusal:
    """Why something was not done, for a page that is shown again."""

    message: str = ""
    # What others did meanwhile, and both versions of what they changed.
    news: list[Line] = field(default_factory=list)
    stored: list[Difference] = field(default_factory=list)
    # Texts whose form has no place on the page any more: (label, text), to copy.
    kept: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Shown:
    """What a refused attempt brings to the page: forms as they were typed, and why they were refused."""

    step: StepForm | None = None
    missing: list[Missing] | None = None
    composer: ComposerForm | None = None
    offer: OfferForm | None = None
    refusal: Refusal | None = None


@require_safe
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """The page as it is; nothing changes."""
    return render_case(request, fetch(request.user, reference), timezone.now(), Shown())


@require_safe
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """Every event in order, newest first, and whether the chain of their hashes is unbroken."""
    at = timezone.now()
    complaint = get_object_or_404(Complaint.objects.visible_to(request.user), reference=reference)
    stored = list(complaint.events.select_related("actor").order_by("number"))
    people, teams = names_in(stored)
    faults = list(events.broken_links(complaint, stored))
    told = [Told(event, at, people, teams) for event in reversed(stored)]
    return render(request, "complaints/history.html", {"complaint": complaint, "lines": lines(told), "faults": faults})


def render_case(
    request: HttpRequest, complaint: Complaint, at: datetime, shown: Shown, status: int = 200
) -> HttpResponse:
    """The complaint page for a complaint that came from fetch(), with what a refused attempt brings."""
    person = request.user
    roles = roles_on(person, complaint)
    told = events_for_page(complaint, person, at)
    step = next_step(complaint, person, at, roles=roles, form=shown.step, missing=shown.missing)
    natural = step.transition.action if step and step.form else None
    entries, cut = conversation(complaint, told, show_all=request.GET.get("talk") == "all")
    may_write = bool(roles & SPEAKING)
    composer = shown.composer or (ComposerForm(complaint=complaint) if may_write else None)
    options = [option for option in complaint.options.all() if option.round == complaint.round]
    may_solve = bool(roles & HANDLING) and complaint.status == Status.ASSIGNED
    context = {
        "at": at,
        "complaint": complaint,
        "roles": roles,
        "shown": shown,
        "step": step,
        "more": [t for t in lifecycle.available_actions(complaint, person) if t.action != natural],
        "may_change": bool(roles & WORKING) and not complaint.is_archived,
        "may_propose_invalid": bool(roles & WORKING) and complaint.status in BEFORE_RESULT,
        "may_add_evidence": bool(roles & ADDING) and not complaint.is_archived,
        "may_close_early": bool(roles & HANDLING) and complaint.status in BEFORE_RESULT,
        "moments": stage_moments(complaint, told),
        "check": getattr(complaint, "verification", None),
        "customer_link": _customer_link(complaint) if roles & WORKING else "",
        "earlier": complaint.earlier[:EARLIER_SHOWN],
        "more_earlier": len(complaint.earlier) > EARLIER_SHOWN,
        "entries": entries,
        "cut": cut,
        "composer": composer,
        "templates": replies.active() if composer and not complaint.is_archived else [],
        "may_see_responsibility": bool(roles - {Role.FRONTLINE}),
        "result": of_this_round(complaint.resolutions, complaint),
        "options": options,
        "something_chosen": any(option.chosen_at for option in options),
        "may_solve": may_solve,
        "may_note_choice": bool(roles & WORKING) and complaint.status == Status.ASSIGNED,
        "may_approve": Role.SUPERVISOR in roles and complaint.status == Status.ASSIGNED,
        "offer": shown.offer or (OfferForm() if may_solve else None),
        "heard": ChoiceHeardForm(),
        "here": presence.others(complaint, person, at=at),
        "latest": lines(told[: -HISTORY_SHOWN - 1 : -1]),
    }
    return render(request, "complaints/case.html", context, status=status)


def _customer_link(complaint: Complaint) -> str:
    """The address of the customer's page; "" where TOKEN_KEY is not the one it was sealed with."""
    try:
        return tokens.public_url(complaint)
    except InvalidToken:
        return ""
