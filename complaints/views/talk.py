"""The conversation: writing to the customer, inside, and noting what the customer said elsewhere."""

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

from complaints import conversation, evidence, replies
from complaints.actors import Actor
from complaints.errors import NotPermitted, Refused
from complaints.forms.evidence import status_of
from complaints.forms.talk import ComposerForm
from complaints.models import Message
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
    """Add one message. A refused one stays in the composer. GET (a reload) leads to the complaint."""
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
    said = form.cleaned_data
    actor = Actor.staff(request.user)
    try:
        with transaction.atomic():
            message = conversation.say(
                complaint.pk,
                kind=said["kind"],
                body=said["body"],
                actor=actor,
                at=at,
                channel=said["channel"] if said["kind"] == Message.Kind.INBOUND else "",
                wait_for_customer=said.get("wait_for_customer", False),
                submission_key=said["submission_key"] or None,
            )
            if (message.complaint_id, message.body) != (complaint.pk, said["body"]):
                return _another_text(request, reference, form, at)
            evidence.attach(
                complaint, said.get("files") or [], actor=actor, at=at, message=message, public=message.is_public
            )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except Refused as refused:
        form.add_error(None, str(refused))
        return render_case(request, fetch(request.user, reference), at, Shown(composer=form), refused.status)
    messages.success(request, DONE[said["kind"]])
    return redirect(reverse("complaints:case", args=[reference]) + "#talk")


def _another_text(request: HttpRequest, reference: str, form: ComposerForm, at) -> HttpResponse:
    """The same form came a second time with another text (after going back): nothing of it is lost or doubled."""
    form.renew_key()
    refusal = Refusal(_("The first text of this form was sent. This one was not: send it if you mean it as well."))
    return render_case(request, fetch(request.user, reference), at, Shown(composer=form, refusal=refusal), 409)
