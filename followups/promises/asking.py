"""A small page that asks for what one action needs: the form, what is refused beside its field, and a way back."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.requests import DeskRequest
from complaints.errors import GateRefused, NotPermitted, Refused
from complaints.models import Complaint
from complaints.visibility import roles_on
from followups.models import Callback, Escalation, Notice, Promise
from followups.promises.overpromise import Questioned
from ui.way_back import way_back

Part = TypeVar("Part", Promise, Escalation, Callback, Notice)


def complaint_or_404(request: DeskRequest, **where: object) -> Complaint:
    """The complaint if the person may see it; for everybody else it does not exist."""
    visible = Complaint.objects.visible_to(request.user).select_related("team", "handler", "customer")
    complaint: Complaint = get_object_or_404(visible, **where)
    return complaint


def part_or_404(request: DeskRequest, model: type[Part], pk: int) -> Part:
    """A promise, escalation or callback of a complaint that the person may see, its complaint beside it."""
    visible = Complaint.objects.visible_to(request.user)
    parts = model.objects.filter(complaint__in=visible)
    beside = ("complaint__team", "complaint__handler", "complaint__customer")
    return get_object_or_404(parts.select_related(*beside), pk=pk)


def refuse_without(roles: frozenset[str], request: DeskRequest, complaint: Complaint) -> None:
    """Raises PermissionDenied (403) unless the person holds one of `roles` over the complaint."""
    if not roles & roles_on(request.user, complaint):
        raise PermissionDenied


def ask(
    request: DeskRequest,
    form_class: Callable[..., forms.Form],
    act: Callable[[dict[str, Any]], str],
    *,
    complaint: Complaint,
    heading: str,
    button: str,
    lead: str = "",
    initial: dict[str, Any] | None = None,
    doubted: Callable[[Questioned, dict[str, Any]], dict[str, Any]] | None = None,
) -> HttpResponse:
    """Show a form; when it is posted and valid, call `act(cleaned data)`, whose return is the message.

    What the form or the verb refuses is shown beside its field with the refusal's status (422, 409)
    and everything typed; NotPermitted becomes 403. `doubted(refusal, cleaned data)` adds to the page what
    has to be confirmed first.
    """
    posted = request.method == "POST"
    form = form_class(request.POST if posted else None, initial=initial)
    status = 422 if posted else 200
    more: dict[str, Any] = {}
    back = way_back(request, reverse("complaints:case", args=[complaint.reference]))
    if posted and form.is_valid():
        try:
            messages.success(request, act(form.cleaned_data))
            return HttpResponseRedirect(back)
        except NotPermitted as refused:
            raise PermissionDenied from refused
        except Questioned as refused:
            if doubted is None:
                raise
            more = doubted(refused, form.cleaned_data)
        except Refused as refused:
            status = refused.status
            show_refusal(form, refused)
    context = {
        "form": form,
        "complaint": complaint,
        "heading": heading,
        "lead": lead,
        "button": button,
        "back": back,
    } | more
    return render(request, "followups/promises/ask.html", context, status=status)


def show_refusal(form: forms.Form, refused: Refused) -> None:
    """Put what a verb refused beside the field it names, else above the form."""
    if isinstance(refused, GateRefused):
        names = getattr(form, "answered_by", {})
        for item in refused.missing:
            name = names.get(item.field, item.field)
            form.add_error(name if name in form.fields else None, item.message)
    else:
        form.add_error(None, str(refused))
