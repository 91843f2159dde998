import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.form_rendering import SegmentedRadios
from complaints.choices import Channel
from complaints.forms.evidence import EvidenceField
from complaints.forms.fields import LineField, TextField
from complaints.models import Complaint, Message, WaitingReply
from complaints.models.message import BODY_LIMIT
from complaints.replies import Unfilled, refuse_unfilled

READERS = {
    Message.Kind.PUBLIC: _("To customer"),
    Message.Kind.INTERNAL: _("Internal"),
    Message.Kind.INBOUND: _("From customer"),
}
HEARD_ON = [Channel.PHONE, Channel.WALK_IN, Channel.EMAIL, Channel.SMS, Channel.SOCIAL, Channel.LETTER]


def kinds_for(complaint: Complaint) -> list[str]:
    """Who can be written to now: nobody outside once archived, not who wishes no contact."""
    if complaint.is_archived:
        return [Message.Kind.INTERNAL]
    if complaint.wishes_no_contact:
        return [Message.Kind.INTERNAL, Message.Kind.INBOUND]
    return [Message.Kind.PUBLIC, Message.Kind.INTERNAL, Message.Kind.INBOUND]


class ComposerForm(forms.Form):
    """What is said: to the customer, among us, or by the customer on another channel."""

    mark_optional = False

    kind = forms.ChoiceField(label=_("Who reads this"), widget=SegmentedRadios)
    channel = forms.ChoiceField(
        label=_("How the customer said it"),
        choices=[(channel, channel.label) for channel in HEARD_ON],
        initial=Channel.PHONE,
        required=False,
    )
    body = TextField(
        label=_("Text"),
        limit=BODY_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write something first.")},
    )
    wait_for_customer = forms.BooleanField(label=_("Wait for the customer’s answer"), required=False)
    # Files of a reply that was taken back: they lie in the case already.
    again = forms.TypedMultipleChoiceField(
        label=_("Attach again"), coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    files = EvidenceField(label=_("Attach files"))
    submission_key = LineField(limit=64, required=False, widget=forms.HiddenInput)

    def __init__(
        self, data=None, files=None, *, complaint: Complaint, taken_back: WaitingReply | None = None, typed: str = ""
    ):
        """`taken_back` is a reply to begin with; `typed` is what was written after it."""
        kinds = kinds_for(complaint)
        initial = {"kind": kinds[0], "submission_key": uuid.uuid4().hex}
        if taken_back is not None:
            body = "\n\n".join(filter(None, [taken_back.body, typed.strip()]))
            initial |= {"body": body, "wait_for_customer": taken_back.wait_for_customer}
            initial["again"] = taken_back.files
        super().__init__(data, files, initial=initial, auto_id="composer_%s")
        # Whether it holds more than an empty form would: a text that somebody typed.
        self.is_typed = data is not None or taken_back is not None
        self.fields["kind"].choices = [(kind, READERS[kind]) for kind in kinds]
        self._offer_again(complaint, data.getlist("again") if data is not None else initial.get("again", []))
        if taken_back is not None:
            self.fields["body"].widget.attrs["autofocus"] = True
        if complaint.is_archived:
            del self.fields["files"]
        if complaint.waiting_since is not None:
            del self.fields["wait_for_customer"]

    def _offer_again(self, complaint: Complaint, wanted: list):
        wanted = {str(pk) for pk in wanted}
        inside = [row for row in complaint.evidence.all() if row.message_id is None and str(row.pk) in wanted]
        self.fields["again"].choices = [(row.pk, row.label) for row in inside]
        if not inside:
            del self.fields["again"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("kind") == Message.Kind.PUBLIC:
            try:
                refuse_unfilled(cleaned.get("body") or "")
            except Unfilled as refused:
                self.add_error("body", str(refused))
        return cleaned

    def renew_key(self):
        """Make the next submission another one; what was typed stays."""
        self.data = self.data.copy()
        self.data["submission_key"] = uuid.uuid4().hex
