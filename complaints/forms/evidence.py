"""The field for photos, videos, sounds and PDFs."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from complaints import evidence
from complaints.filestore import CouldNotStore


class EvidenceInput(forms.FileInput):
    """Several files at once; `accept` only helps to choose, the server looks at the content."""

    allow_multiple_selected = True

    def __init__(self, attrs=None):
        super().__init__({"accept": "image/*,video/*,audio/*,application/pdf"} | (attrs or {}))


def _limits() -> str:
    return _("Photos, videos, sound or PDF: at most %(files)d files, each up to %(size)d MB.") % {
        "files": settings.EVIDENCE_MAX_FILES,
        "size": settings.EVIDENCE_MAX_BYTES >> 20,
    }


class EvidenceField(forms.Field):
    """Cleans to a list of evidence.Incoming, for evidence.attach(); empty when nothing was chosen.

    Names every file that cannot be taken, and why. The error has the code "could_not_store" (a page
    answers 507 then) when the disk was full while receiving: no fault of what was filled in.
    """

    widget = EvidenceInput
    default_error_messages = {"required": gettext_lazy("Choose a file.")}

    def __init__(self, *, required=False, **kwargs):
        kwargs.setdefault("label", gettext_lazy("Photos and files"))
        kwargs.setdefault("help_text", lazy(_limits, str)())
        super().__init__(required=required, **kwargs)

    def clean(self, value) -> list[evidence.Incoming]:
        uploads = value or []
        if not uploads and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(uploads) > settings.EVIDENCE_MAX_FILES:
            raise ValidationError(
                ngettext(
                    "At most %(most)d file at a time (you sent %(sent)d).",
                    "At most %(most)d files at a time (you sent %(sent)d).",
                    settings.EVIDENCE_MAX_FILES,
                )
                % {"most": settings.EVIDENCE_MAX_FILES, "sent": len(uploads)}
            )
        accepted, refused = [], []
        for upload in uploads:
            try:
                accepted.append(evidence.examine(upload))
            except CouldNotStore as error:
                raise ValidationError(str(error), code="could_not_store") from error
            except evidence.NotEvidence as error:
                refused.append(str(error))
        if refused:
            raise ValidationError(refused)
        return accepted

    def has_changed(self, initial, data):
        return bool(data)


class AddEvidenceForm(forms.Form):
    """What a person of the desk adds to a complaint."""

    files = EvidenceField(required=True)
    public = forms.BooleanField(
        label=gettext_lazy("Show it on the customer’s page"),
        help_text=gettext_lazy("For what the customer gave us, or is to see."),
        required=False,
    )


def status_of(form: forms.Form, field: str = "files") -> int:
    """Return the HTTP status that answers a refused form with an EvidenceField."""
    return CouldNotStore.status if form.has_error(field, "could_not_store") else 422
