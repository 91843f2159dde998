"""The conversation: writing to the customer, inside, and noting what the customer said elsewhere."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.requests import DeskRequest
from complaints.case import permissions
from complaints.case.actors import Actor
from complaints.case.once import SentBefore
from complaints.conversation import messages as conversation, undo_send
from complaints.conversation.forms import ComposerForm
from complaints.errors import NotPermitted, Refused
from complaints.evidence.forms import status_of
from complaints.models import Complaint, Message, WaitingReply
from complaints.models.message import BODY_LIMIT
from complaints.steps.forms_shared import Difference
from complaints.workspace.parts import fetch
from complaints.workspace.views import Refusal, Shown, render_case
from complaints.writing import reply_templates
from ui.text_limits import shown_again

DONE: dict[str, Promise] = {
    Message.Kind.PUBLIC: gettext_lazy("Sent to the customer."),
    Message.Kind.INTERNAL: gettext_lazy("Note added."),
    Message.Kind.INBOUND: gettext_lazy("Noted what the customer said."),
}


@require_http_methods(["GET", "HEAD", "POST"])
def say(request: DeskRequest, reference: str) -> HttpResponse:
    """Add one message; one to the customer can still be undone. A refused one stays in the composer.

    GET (a reload) leads to the complaint.
    """
    if request.method != "POST":
        return redirect("complaints:case", reference)
    at = timezone.now()
    complaint = fetch(request.user, reference)
    if not permissions.has_role(permissions.SPEAK, request.user, complaint):
        raise PermissionDenied
    if request.POST.get("do") == "template":
        filled = reply_templates.with_template(request.POST, "body", complaint, writer=request.user, at=at)
        form = ComposerForm(filled, request.FILES, complaint=complaint)
        return render_case(request, complaint, at, Shown(composer=form))
    form = ComposerForm(request.POST, request.FILES, complaint=complaint)
    if not form.is_valid():
        return render_case(request, complaint, at, Shown(composer=form), status_of(form))
    try:
        said = _said(complaint, form.cleaned_data, Actor.staff(request.user), at)
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except SentBefore as refused:
        first = refused.first
        assert isinstance(first, Message | WaitingReply)
        return _another_text(request, reference, form, first, at)
    except Refused as refused:
        form.add_error(None, str(refused))
        return render_case(request, fetch(request.user, reference), at, Shown(composer=form), refused.status)
    if isinstance(said, WaitingReply):
        return redirect(reverse("complaints:case", args=[reference]) + f"#waiting-{said.pk}")
    messages.success(request, _done(said, form.cleaned_data))
    return redirect(reverse("complaints:case", args=[reference]) + "#talk")


def _done(said: Message, given: dict) -> str:
    """What became of it; a message that nothing brings to the customer was not sent."""
    if said.kind != Message.Kind.PUBLIC or "told" not in given:
        return str(DONE[said.kind])
    if given["told"]:
        return _("Noted as told.")
    customer = said.complaint.customer
    if customer is not None and customer.gets_letters:
        return _("Not told yet: it stands among the letters.")
    return _("Not told yet: it stands in the call list.")


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: DeskRequest, reference: str, pk: int) -> HttpResponse:
    """Take a reply back: its text stands in the composer again. GET (a reload) leads to the complaint."""
    if request.method != "POST":
        return redirect("complaints:case", reference)
    complaint = fetch(request.user, reference)
    try:
        if pk not in {reply.pk for reply in complaint.waiting_replies.all()}:
            raise WaitingReply.DoesNotExist
        taken_back = undo_send.take_back(pk, actor=Actor.staff(request.user))
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except WaitingReply.DoesNotExist:
        messages.warning(request, _("Too late: it was sent already, or undone before."))
        return redirect(reverse("complaints:case", args=[reference]) + "#talk")
    complaint = fetch(request.user, reference)
    typed = shown_again(request.POST.get("typed", ""), BODY_LIMIT)
    form = ComposerForm(complaint=complaint, taken_back=taken_back, typed=typed)
    messages.info(request, _("Not sent. The text is in the reply box again."))
    return render_case(request, complaint, timezone.now(), Shown(composer=form))


def _said(complaint: Complaint, given: dict, actor: Actor, at: datetime) -> Message | WaitingReply:
    """Say what the composer holds, with its files; the same form sent before gives what was said then.

    Raises SentBefore where that was something else.
    """
    said = {"body": given["body"], "submission_key": given["submission_key"] or None, "actor": actor, "at": at}
    files = given.get("files") or []
    if given["kind"] == Message.Kind.PUBLIC:
        wait = given.get("wait_for_customer", False)
        if "told" in given:
            # Nothing leaves the desk, so there is nothing to undo.
            told = {"kind": Message.Kind.PUBLIC, "spoken": given["told"], "wait_for_customer": wait}
            return conversation.say(complaint.pk, **said, **told, files=files)
        return undo_send.reply(
            complaint.pk, **said, wait_for_customer=wait, files=files, again=given.get("again") or []
        )
    channel = given["channel"] if given["kind"] == Message.Kind.INBOUND else ""
    return conversation.say(complaint.pk, **said, kind=given["kind"], channel=channel, files=files)


def _another_text(
    request: DeskRequest, reference: str, form: ComposerForm, first: Message | WaitingReply, at: datetime
) -> HttpResponse:
    """The same form came a second time with another text (after going back): nothing of it is lost or doubled."""
    complaint = fetch(request.user, reference)
    form.renew_key()
    refusal = Refusal(_("The first text of this form was sent. This one was not: send it if you mean it as well."))
    if first.complaint_id == complaint.pk:
        refusal.stored = [Difference(_("Text"), first.body, form.cleaned_data["body"])]
    return render_case(request, complaint, at, Shown(composer=form, refusal=refusal), 409)
