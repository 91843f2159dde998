"""Letters to print and to post: which are owed, what is printed already, and that it was posted."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import has_role
from accounts.requests import DeskRequest
from complaints.case import permissions
from complaints.case.actors import Actor
from complaints.errors import NotPermitted, Refused
from complaints.models import Complaint
from followups.models import Notice
from followups.telling import letter_paper, letters as writing
from followups.telling.forms import LettersForm, PostedForm


@require_safe
def letters(request: DeskRequest) -> HttpResponse:
    """The letters that are owed, and those that are printed and not posted."""
    _refuse_strangers(request)
    return _show(request, LettersForm(), PostedForm(initial={"on": timezone.localdate()}))


@require_POST
def prepare(request: DeskRequest) -> HttpResponse:
    """Settle the words of the ticked letters; the file with all that are not posted yet is one tap away."""
    _refuse_strangers(request)
    form = LettersForm(request.POST)
    if not form.is_valid():
        return _show(request, form, PostedForm(initial={"on": timezone.localdate()}), status=422)
    done = _each(request, form, writing.prepare)
    if done:
        words = ngettext("One letter is ready to print.", "%(number)d letters are ready to print.", done)
        messages.success(request, words % {"number": done})
    return redirect("followups:letters")


@require_safe
def pdf(request: DeskRequest) -> HttpResponse:
    """Every letter that is prepared and not posted, as one file. It may be opened as often as one likes."""
    _refuse_strangers(request)
    _owed, printed = writing.waiting(request.user)
    if not printed:
        return redirect("followups:letters")
    response = HttpResponse(letter_paper.printed(printed, now=timezone.now()), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="letters.pdf"'
    return response


@require_POST
def posted(request: DeskRequest) -> HttpResponse:
    """Note that the ticked letters were posted, on which day: that is how we know that the customers were told."""
    _refuse_strangers(request)
    form = PostedForm(request.POST)
    if not form.is_valid():
        return _show(request, LettersForm(), form, status=422)
    done = _each(request, form, writing.posted, on=form.cleaned_data["on"])
    if done:
        words = ngettext("Noted as posted: one letter.", "Noted as posted: %(number)d letters.", done)
        messages.success(request, words % {"number": done})
    return redirect("followups:letters")


def _each(request: DeskRequest, form: LettersForm, verb: Callable[..., Collection[Any]], **given: object) -> int:
    """Call the verb for each letter whose case the person sees; returns for how many it did something.

    What is refused is said with its case; the others go on.
    """
    done, at = 0, timezone.now()
    for notice_ids in form.notice_ids():
        complaint = _case_of(request, notice_ids)
        if complaint is None:
            messages.warning(request, _("A letter of a case that you do not see was left out."))
            continue
        try:
            did = verb(complaint.pk, notice_ids=notice_ids, actor=Actor.staff(request.user), at=at, **given)
        except NotPermitted as refused:
            raise PermissionDenied from refused
        except Refused as refused:
            messages.warning(request, f"{complaint.reference}: {_why(refused)}")
        else:
            done += bool(did)
    return done


def _case_of(request: DeskRequest, notice_ids: list[int]) -> Complaint | None:
    notices = Notice.objects.filter(pk__in=notice_ids, to_customer=True)
    visible = Complaint.objects.visible_to(request.user).filter(pk__in=notices.values("complaint"))
    found: Complaint | None = visible.order_by("pk").first()
    return found


def _why(refused: Refused) -> str:
    missing = getattr(refused, "missing", None)
    return " ".join(str(item.message) for item in missing) if missing else str(refused)


def _refuse_strangers(request: DeskRequest) -> None:
    if not has_role(request.user, *permissions.CALL_CUSTOMER.roles):
        raise PermissionDenied


def _show(request: DeskRequest, form: LettersForm, posted_form: PostedForm, *, status: int = 200) -> HttpResponse:
    owed, printed = writing.waiting(request.user)
    now: datetime = timezone.now()
    refused = next((each for each in (form, posted_form) if each.is_bound), None)
    context = {"now": now, "owed": owed, "printed": printed, "posted_form": posted_form, "refused": refused}
    return render(request, "followups/telling/letters.html", context, status=status)
