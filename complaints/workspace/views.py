"""The complaint page: who and what, what is promised, what to do next, what was said, what happened."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.fernet import InvalidToken
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Person
from accounts.requests import DeskRequest
from complaints.case import events, kinds, permissions
from complaints.case.narrated import NarratedEvent
from complaints.case.this_round import of_this_round
from complaints.case.timeline import names_in
from complaints.choices import Status
from complaints.conversation.forms import ComposerForm
from complaints.customer import links, new_links, page
from complaints.errors import Missing
from complaints.models import Appeal, Complaint, Round
from complaints.steps import appeals, lifecycle
from complaints.steps.forms_options import ChoiceHeardForm, OfferForm
from complaints.steps.forms_shared import Difference, StepForm
from complaints.visibility import roles_on
from complaints.workspace import presence
from complaints.workspace.parts import (
    EARLIER_SHOWN,
    HISTORY_SHOWN,
    Line,
    events_for_page,
    fetch,
    lines,
    next_step,
    stage_moments,
)
from complaints.workspace.talk import conversation
from complaints.writing import reply_templates


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
def case(request: DeskRequest, reference: str) -> HttpResponse:
    """The page as it is; nothing changes."""
    return render_case(request, fetch(request.user, reference), timezone.now(), Shown())


@require_safe
def history(request: DeskRequest, reference: str) -> HttpResponse:
    """Every event in order, newest first, and whether the chain of their hashes is unbroken."""
    at = timezone.now()
    complaint = get_object_or_404(Complaint.objects.visible_to(request.user), reference=reference)
    stored = list(complaint.events.select_related("actor").order_by("number"))
    people, teams = names_in(stored)
    faults = list(events.broken_links(complaint, stored))
    history = [NarratedEvent(event, at, people, teams) for event in reversed(stored)]
    return render(
        request,
        "complaints/workspace/history.html",
        {"complaint": complaint, "lines": lines(history), "faults": faults},
    )


def render_case(
    request: DeskRequest, complaint: Complaint, at: datetime, shown: Shown, status: int = 200
) -> HttpResponse:
    """The complaint page for a complaint that came from fetch(), with what a refused attempt brings."""
    person = request.user
    roles = roles_on(person, complaint)
    history = events_for_page(complaint, person, at)
    step = next_step(complaint, person, at, roles=roles, form=shown.step, missing=shown.missing)
    natural = step.transition.action if step and step.form else None
    entries, cut = conversation(complaint, history, show_all=request.GET.get("talk") == "all")
    may = permissions.allowed(person, complaint, roles)
    composer = shown.composer or (ComposerForm(complaint=complaint) if permissions.SPEAK in may else None)
    options = [option for option in complaint.options.all() if option.round == complaint.round]
    may_solve = permissions.OFFER_OPTIONS in may
    actions = lifecycle.available_actions(complaint, person)
    context = {
        "at": at,
        "complaint": complaint,
        "roles": roles,
        "actions": [transition.action for transition in actions],
        "shown": shown,
        "step": step,
        "more": [t for t in actions if t.action != natural],
        "may_change": permissions.CHANGE in may,
        "nobody_to_ask": not kinds.is_to_be_told(complaint),
        "may_correct": permissions.CORRECT_FACTS in may,
        "may_propose_invalid": permissions.PROPOSE_INVALID in may,
        "may_add_evidence": permissions.ADD_EVIDENCE in may,
        "may_close_early": permissions.CLOSE_EARLY in may,
        "moments": stage_moments(complaint, history),
        "check": getattr(complaint, "verification", None),
        "link_mark": new_links.mark_of(complaint) if permissions.ISSUE_LINK in may and complaint.customer else "",
        "customer_link": _customer_link(complaint) if permissions.SEE_CUSTOMER_LINK in may else "",
        "earlier": complaint.earlier[:EARLIER_SHOWN],
        "more_earlier": len(complaint.earlier) > EARLIER_SHOWN,
        "entries": entries,
        "cut": cut,
        "composer": composer,
        "templates": reply_templates.active() if composer and not composer.is_inside else [],
        "may_see_responsibility": permissions.SEE_RESPONSIBILITY in may,
        "result": of_this_round(complaint.resolutions, complaint),
        "options": options,
        "appeals": list(complaint.appeals.all()),
        "may_take_appeal": permissions.TAKE_APPEAL in may and not appeals.why_not(complaint, at),
        "why_not_review": _why_not_review(complaint, person, may),
        "again": _why_again(complaint),
        "may_be_chosen": []
        if permissions.NOTE_CHOICE not in may or any(option.chosen_at for option in options)
        else [option for option in options if page.stands(option, at)],
        "may_solve": may_solve,
        "may_approve": permissions.APPROVE_OPTIONS in may,
        "offer": shown.offer or (OfferForm() if may_solve else None),
        "heard": ChoiceHeardForm(),
        "here": presence.others(complaint, person, at=at),
        "latest": lines(history[: -HISTORY_SHOWN - 1 : -1]),
    }
    return render(request, "complaints/workspace/case.html", context, status=status)


def _why_not_review(complaint: Complaint, person: Person, may: Collection[permissions.Permission]) -> str | None:
    """Why the reader cannot begin to review the appeal that waits, "" where they can; None where it is no question."""
    appeal = appeals.this_round(complaint)
    if appeal is None or appeal.state != Appeal.State.ACCEPTED or permissions.DECIDE_APPEAL not in may:
        return None
    return appeals.why_not_reviewer(complaint, person)


def _why_again(complaint: Complaint) -> Round | None:
    """The round before the one that is worked on now: it says why work began again."""
    return list(complaint.rounds.all())[-1] if complaint.status == Status.ASSIGNED and complaint.rounds.all() else None


def _customer_link(complaint: Complaint) -> str:
    """The address of the customer's page; "" where TOKEN_KEY is not the one it was sealed with."""
    try:
        return links.public_url(complaint)
    except InvalidToken:
        return ""
