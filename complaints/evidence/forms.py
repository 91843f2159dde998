"""The field for photos, videos, sounds and PDFs."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.functional import lazy
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from complaints.evidence import attaching
from complaints.evidence.filestore import CouldNotStore


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
    """Cleans to a list of attaching.Incoming, for attaching.attach(); empty when nothing was chosen.

    Names every file that cannot be taken, and why. The error has the code "could_not_store" (a page
    answers 507 then) when the disk was full while receiving: no fault of what was filled in.
    """

    widget = EvidenceInput
    default_error_messages = {"required": gettext_lazy("Choose a file.")}

    def __init__(self, *, required: bool = False, **kwargs: Any):
        kwargs.setdefault("label", gettext_lazy("Photos and files"))
        kwargs.setdefault("help_text", lazy(_limits, str)())
        super().__init__(required=required, **kwargs)

    def clean(self, value) -> list[attaching.Incoming]:
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
                accepted.append(attaching.examine(upload))
            except CouldNotStore as error:
                raise ValidationError(str(error), code="could_not_store") from error
            except attaching.NotEvidence as error:
                refused.append(str(error))
        if refused:
            raise ValidationError(refused)
        return accepted

    def has_changed(self, initial, data):
        return bool(data)


class AddEvidenceForm(forms.Form):
    """What a person of the desk adds to a complaint."""

    files = EvidenceField(required=True)  # type: ignore[assignment]  # a declared field is no attribute
    public = forms.BooleanField(
        label=gettext_lazy("Show it on the customer’s page"),
        help_text=gettext_lazy("For what the customer gave us, or is to see."),
        required=False,
    )


def names_of(files: MultiValueDict) -> list[str]:
    """The names of the files that were sent, fit to be printed: browsers forget them, so they are chosen again."""
    return [attaching.shown_name(upload.name) for name in files for upload in files.getlist(name)]


def status_of(form: forms.Form, field: str = "files") -> int:
    """Return the HTTP status that answers a refused form with an EvidenceField."""
    return CouldNotStore.status if form.has_error(field, "could_not_store") else 422
