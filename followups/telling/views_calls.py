"""The call desk: whom to call, the script of one call, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import has_role
from accounts.kept import kept_texts
from accounts.models import DeskRules
from accounts.requests import DeskRequest
from complaints.case import permissions
from complaints.case.actors import Actor
from complaints.db.keyset_paging import BadKey, Column, Order, page_of, place_in
from complaints.errors import NotPermitted, Refused
from followups.callbacks import callbacks as calling
from followups.callbacks.call_times import next_try
from followups.models import Callback, CallbackAttempt
from followups.promises.asking import part_or_404, refuse_without, show_refusal
from followups.promises.moments import zone_of
from followups.telling import letters, saying
from followups.telling.forms import AnswerForm, NotReachedForm
from ui.wording import date_words

BY_MOMENT = Order("call", (Column("next_at", moment=True), Column("id")))
PAGE_SIZE, BESIDE, MOST_TO_TELL = 30, 12, 100
Outcome = CallbackAttempt.Outcome


@require_safe
def callbacks(request: DeskRequest) -> HttpResponse:
    """Everybody whom the person may call back, the earliest first."""
    if not has_role(request.user, *permissions.CALL_CUSTOMER.roles):
        raise PermissionDenied
    rows, note, place = calling.due_list(request.user), "", place_in(request.GET)
    try:
        page = page_of(rows, BY_MOMENT, **place, size=PAGE_SIZE)
    except BadKey as bad:
        page, note = page_of(rows, BY_MOMENT, size=PAGE_SIZE), str(bad)
    context = {
        "now": timezone.now(),
        "page": page,
        "note": note,
        "limit": DeskRules.current().callback_attempts,
        "letters": letters.number(request.user),
        "to_tell": [] if any(place.values()) else saying.call_list(request.user, most=MOST_TO_TELL),
    }
    return render(request, "followups/telling/callbacks.html", context)


@require_safe
def callback(request: DeskRequest, pk: int) -> HttpResponse:
    """One call with its script."""
    found = _callback_to(request, pk)
    return _show(request, found, AnswerForm(kind=found.complaint.kind), timezone.now())


@require_POST
def outcome(request: DeskRequest, pk: int) -> HttpResponse:
    """Note what came of a call: one tap where nobody was reached, else the customer's answers."""
    found, at = _callback_to(request, pk), timezone.now()
    reached = request.POST.get("outcome") == calling.REACHED
    kind = {"kind": found.complaint.kind}
    form = AnswerForm(request.POST, **kind) if reached else NotReachedForm(request.POST)
    said: dict[str, Any] = {"outcome": calling.REACHED} if reached else {}
    status = 422
    if form.is_valid():
        try:
            attempt = calling.record_attempt(
                pk,
                **form.cleaned_data,
                **said,
                number=_number(request),
                actor=Actor.staff(request.user),
                at=at,
            )
            messages.success(request, _said(attempt, at))
            return redirect(_next_call(request, at))
        except NotPermitted as refused:
            raise PermissionDenied from refused
        except Refused as refused:
            status = refused.status
            show_refusal(form, refused)
    found.refresh_from_db()
    return _show(request, found, form if reached else AnswerForm(**kind), at, refused=form, status=status)


@dataclass(frozen=True)
class Tries:
    """How often the customer was tried, how often they may be, and when next if nobody answers now."""

    made: int
    limit: int
    next_at: datetime

    @property
    def number(self) -> int:
        return self.made + 1

    @property
    def left_after_this(self) -> int:
        return max(0, self.limit - self.number)


def _show(
    request: DeskRequest,
    found: Callback,
    form: AnswerForm | NotReachedForm,
    at: datetime,
    *,
    refused: AnswerForm | NotReachedForm | None = None,
    status: int = 200,
) -> HttpResponse:
    complaint, rules = found.complaint, DeskRules.current()
    attempts = list(found.attempts.select_related("by"))
    wish = calling.wish_of(complaint)
    again = next_try(at, hours=rules.callback_retry_hours, zone=zone_of(complaint), wish=wish)
    context = {
        "now": at,
        "callback": found,
        "complaint": complaint,
        "result": next((r for r in complaint.resolutions.all() if r.round == found.round), None),
        "attempts": attempts,
        "wish": wish,
        "tries": Tries(len(attempts), rules.callback_attempts, again),
        "form": form,
        "other_number": refused if isinstance(refused, NotReachedForm) else NotReachedForm(),
        "refused": refused,
        # A colleague's call was the last: the form is gone, the words are not.
        "kept_texts": kept_texts(request),
        "beside": calling.due_list(request.user)[:BESIDE],
    }
    return render(request, "followups/telling/callback.html", context, status=status)


def _callback_to(request: DeskRequest, pk: int) -> Callback:
    """The callback if the person may see its case (404) and call its customer (403)."""
    found = part_or_404(request, Callback, pk)
    refuse_without(permissions.CALL_CUSTOMER.roles, request, found.complaint)
    return found


def _number(request: DeskRequest) -> int | None:
    """The attempt that the page showed, so that the same form sent twice counts once."""
    typed = request.POST.get("number", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None


def _said(attempt: CallbackAttempt, at: datetime) -> str:
    """What was recorded, and what follows from it, in a sentence."""
    found = attempt.callback
    if attempt.outcome == Outcome.SATISFIED:
        return _("Recorded: reached, satisfied.")
    if attempt.outcome == Outcome.UNSATISFIED:
        return _("Recorded: reached, not satisfied. The supervisor is told, and it is worked on again.")
    if attempt.outcome == Outcome.REFUSED:
        return _("Recorded: does not want to talk. We do not call again.")
    if attempt.outcome == Outcome.WRONG_NUMBER and found.state != Callback.State.OPEN:
        customer = found.complaint.customer
        if customer is not None and customer.email:
            return _("Recorded: wrong number. We do not call again; the customer is asked by e-mail, on their page.")
        return _("Recorded: wrong number. We do not call again; a letter is owed, it stands among the promises.")
    if found.state == Callback.State.OPEN:
        words = {"outcome": attempt.get_outcome_display(), "moment": date_words(found.next_at, at)}
        return _("Recorded: %(outcome)s. Try again %(moment)s.") % words
    return _("Recorded: %(outcome)s. That was the last try; the case goes on without an answer.") % {
        "outcome": attempt.get_outcome_display()
    }


def _next_call(request: DeskRequest, at: datetime) -> str:
    """The address of the next call that is due today, else of the list."""
    following = calling.due_list(request.user).first()
    if following is not None and timezone.localdate(following.next_at) <= timezone.localdate(at):
        return reverse("followups:callback", args=[following.pk])
    return reverse("followups:callbacks")
