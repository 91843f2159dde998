"""The conversation: writing to the customer, inside, and noting what the customer said elsewhere."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from complaints import conversation, evidence, replies, waiting
from complaints.actors import Actor
from complaints.errors import NotPermitted, Refused
from complaints.forms.evidence import status_of
from complaints.forms.step import Difference
from complaints.forms.talk import ComposerForm
from complaints.models import Complaint, Message, WaitingReply
from complaints.views.case import Refusal, Shown, render_case
from complaints.views.case_parts import fetch
from complaints.visibility import roles_on

DONE = {
    Message.Kind.PUBLIC: gettext_lazy("Sent to the customer."),
    Message.Kind.INTERNAL: gettext_lazy("Note added."),
    Message.Kind.INBOUND: gettext_lazy("Noted what the customer said."),
}


@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, reference: str) -> HttpResponse:
    """Add one message; one to the customer can still be undone. A refused one stays in the composer.

    GET (a reload) leads to the complaint.
    """
    if request.method != "POST":
        return redirect("complaints:case", reference)
    at = timezone.now()
    complaint = fetch(request.user, reference)
    if not roles_on(request.user, complaint) & conversation.SPEAKING:
        raise PermissionDenied
    form = ComposerForm(request.POST, request.FILES, complaint=complaint)
    if request.POST.get("do") == "template":
        form.data = replies.with_template(form.data, "body", complaint, writer=request.user, at=at)
        return render_case(request, complaint, at, Shown(composer=form))
    if not form.is_valid():
        return render_case(request, complaint, at, Shown(composer=form), status_of(form))
    try:
        said = _said(complaint, form.cleaned_data, Actor.staff(request.user), at)
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except Refused as refused:
        form.add_error(None, str(refused))
        return render_case(request, fetch(request.user, reference), at, Shown(composer=form), refused.status)
    if (said.complaint_id, said.body) != (complaint.pk, form.cleaned_data["body"]):
        return _another_text(request, reference, form, said, at)
    if isinstance(said, WaitingReply):
        return redirect(reverse("complaints:case", args=[reference]) + f"#waiting-{said.pk}")
    messages.success(request, DONE[said.kind])
    return redirect(reverse("complaints:case", args=[reference]) + "#talk")


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Take a reply back: its text stands in the composer again. GET (a reload) leads to the complaint."""
    if request.method != "POST":
        return redirect("complaints:case", reference)
    complaint = fetch(request.user, reference)
    try:
        if pk not in {reply.pk for reply in complaint.waiting_replies.all()}:
            raise WaitingReply.DoesNotExist
        taken_back = waiting.take_back(pk, actor=Actor.staff(request.user))
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except WaitingReply.DoesNotExist:
        messages.warning(request, _("Too late: it was sent already, or undone before."))
        return redirect(reverse("complaints:case", args=[reference]) + "#talk")
    complaint = fetch(request.user, reference)
    form = ComposerForm(complaint=complaint, taken_back=taken_back, typed=request.POST.get("typed", ""))
    messages.info(request, _("Not sent. The text is in the reply box again."))
    return render_case(request, complaint, timezone.now(), Shown(composer=form))


def _said(complaint: Complaint, given: dict, actor: Actor, at: datetime) -> Message | WaitingReply:
    """Say what the composer holds, with its files; the same form sent before gives what was said then."""
    said = {"body": given["body"], "submission_key": given["submission_key"] or None, "actor": actor, "at": at}
    files = given.get("files") or []
    if given["kind"] == Message.Kind.PUBLIC:
        wait = given.get("wait_for_customer", False)
        return waiting.reply(complaint.pk, **said, wait_for_customer=wait, files=files, again=given.get("again") or [])
    with transaction.atomic():
        channel = given["channel"] if given["kind"] == Message.Kind.INBOUND else ""
        message = conversation.say(complaint.pk, **said, kind=given["kind"], channel=channel)
        if (message.complaint_id, message.body) == (complaint.pk, given["body"]):
            evidence.attach(complaint, files, actor=actor, at=at, message=message, public=message.is_public)
    return message


def _another_text(
    request: HttpRequest, reference: str, form: ComposerForm, first: Message | WaitingReply, at: datetime
) -> HttpResponse:
    """The same form came a second time with another text (after going back): nothing of it is lost or doubled."""
    complaint = fetch(request.user, reference)
    form.renew_key()
    refusal = Refusal(_("The first text of this form was sent. This one was not: send it if you mean it as well."))
    if first.complaint_id == complaint.pk:
        refusal.stored = [Difference(_("Text"), first.body, form.cleaned_data["body"])]
    return render_case(request, complaint, at, Shown(composer=form, refusal=refusal), 409)
