import json
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from complaints.case import followers
from complaints.case.kinds import may_be_written_to
from complaints.choices import Channel, Kind
from complaints.evidence.forms import EvidenceField, names_of
from complaints.models import Complaint, Message, WaitingReply
from complaints.models.message import BODY_LIMIT
from complaints.writing.form_fields import LineField, TextField
from complaints.writing.reply_templates import Unfilled, refuse_unfilled, unfilled
from ui.form_fields import choices_of, field_of
from ui.form_rendering import SegmentedRadios

READERS = {
    Message.Kind.PUBLIC: _("To customer"),
    Message.Kind.INTERNAL: _("Internal"),
    Message.Kind.INBOUND: _("From customer"),
}
HEARD_ON = [Channel.PHONE, Channel.WALK_IN, Channel.EMAIL, Channel.SMS, Channel.SOCIAL, Channel.LETTER]


def kinds_for(complaint: Complaint) -> list[str]:
    """Who can be written to now: nobody outside once archived, not who wishes no contact, nobody where nobody is.

    In a duplicate the talk goes on while its original is worked on.
    """
    if complaint.is_archived and not followers.may_talk(complaint):
        return [Message.Kind.INTERNAL]
    is_nobodys = complaint.kind == Kind.LATENT and not (complaint.customer and complaint.customer.can_be_reached)
    if is_nobodys or not may_be_written_to(complaint):
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
    # For whom no message reaches: asked in the place of sending.
    told = forms.ChoiceField(
        label=_("How the customer hears it"),
        choices=[
            ("", _("Somebody calls: put it in the call list")),
            ("phone", _("I told them by phone just now")),
            ("in_person", _("I told them in person just now")),
        ],
        widget=forms.RadioSelect,
        initial="",
        required=False,
    )
    wait_for_customer = forms.BooleanField(label=_("Wait for the customer’s answer"), required=False)
    # Files of a reply that was taken back: they lie in the case already.
    again = forms.TypedMultipleChoiceField(
        label=_("Attach again"), coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    files = EvidenceField(label=_("Attach files"))  # type: ignore[assignment]  # a declared field is no attribute
    submission_key = LineField(limit=64, required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        complaint: Complaint,
        taken_back: WaitingReply | None = None,
        typed: str = "",
    ) -> None:
        """`taken_back` is a reply to begin with; `typed` is what was written after it."""
        kinds = kinds_for(complaint)
        initial: dict[str, Any] = {"kind": kinds[0], "submission_key": uuid.uuid4().hex}
        if taken_back is not None:
            body = "\n\n".join(filter(None, [taken_back.body, typed.strip()]))
            initial |= {"body": body, "wait_for_customer": taken_back.wait_for_customer}
            initial["again"] = taken_back.files
        super().__init__(data, files, initial=initial, auto_id="composer_%s")
        self.files_lost = names_of(files) if files else []
        # Whether it holds more than an empty form would: a text that somebody typed.
        self.is_typed = data is not None or taken_back is not None
        field_of(self, "kind", forms.ChoiceField).choices = [(kind, READERS[Message.Kind(kind)]) for kind in kinds]
        self._offer_again(complaint, data.getlist("again") if data is not None else initial.get("again", []))
        self.holes = unfilled(data.get("body", "") if data is not None else initial.get("body", ""))
        if self.holes:
            self.fields["body"].widget.attrs["data-holes"] = json.dumps(self.holes, ensure_ascii=False)
        if taken_back is not None:
            self.fields["body"].widget.attrs["autofocus"] = True
        # Whether only we ourselves read what is written.
        self.writes_out = Message.Kind.PUBLIC in kinds
        self.is_inside = kinds == [Message.Kind.INTERNAL]
        if complaint.is_archived and self.is_inside:
            del self.fields["files"]
        if complaint.waiting_since is not None or complaint.is_archived:
            del self.fields["wait_for_customer"]
        # Whether it is read on the link and nowhere else.
        self.is_on_link = complaint.wishes_no_contact and Message.Kind.PUBLIC in kinds
        self.has_way = self.is_on_link or complaint.customer is None or complaint.customer.can_be_written_to
        if self.has_way or Message.Kind.PUBLIC not in kinds:
            del self.fields["told"]
        elif complaint.customer is not None and complaint.customer.gets_letters:
            (_called, *spoken) = choices_of(self, "told")
            words = ("", _("It is written: put it among the letters"))
            field_of(self, "told", forms.ChoiceField).choices = [words, *spoken]

    def _offer_again(self, complaint: Complaint, ids: Iterable[int | str]) -> None:
        wanted = {str(pk) for pk in ids}
        inside = [row for row in complaint.evidence.all() if row.message_id is None and str(row.pk) in wanted]
        field_of(self, "again", forms.TypedMultipleChoiceField).choices = [(row.pk, row.label) for row in inside]
        if not inside:
            del self.fields["again"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("kind") == Message.Kind.PUBLIC:
            try:
                refuse_unfilled(cleaned.get("body") or "")
            except Unfilled as refused:
                self.add_error("body", str(refused))
        return cleaned

    def renew_key(self) -> None:
        """Make the next submission another one; what was typed stays."""
        renewed = self.data.copy() if isinstance(self.data, QueryDict) else dict(self.data)
        renewed["submission_key"] = uuid.uuid4().hex
        self.data = renewed
