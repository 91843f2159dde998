"""Files of a form that is not sent yet: each is uploaded by itself, so that after a dropped line only it comes again.

They lie in the store of evidence; the form takes them along by its key, and what no form took is removed after a day.
Nobody sees them before: not even the page shows them from here.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from complaints.case.actors import CUSTOMER
from complaints.errors import NotAllowedNow
from complaints.evidence import attaching, filestore
from complaints.evidence.attaching import Incoming
from complaints.evidence.file_types import FileType
from complaints.intake import receiving
from complaints.intake.receiving import Intake
from complaints.models import Complaint, StagedFile

KEPT = timedelta(days=1)
# Of all forms together: so much of the disk may be taken by what nobody sent yet.
MOST_BYTES = 5 * 1024**3
# Rows removed at a time.
CHUNK = 500


def stage(form_key: UUID, file_key: UUID, upload: UploadedFile, *, at: datetime) -> StagedFile:
    """Keep one file for the form; the same `file_key` again, after a dropped line, is the same file.

    Raises attaching.NotEvidence, filestore.CouldNotStore, NotAllowedNow where the form has all it may have.
    """
    incoming = attaching.examine(upload)
    seen = StagedFile.objects.filter(file_key=file_key, form_key=form_key).first()
    if seen is not None:
        return seen
    if StagedFile.objects.filter(form_key=form_key).count() >= settings.EVIDENCE_MAX_FILES:
        raise NotAllowedNow(_("At most %(most)d files.") % {"most": settings.EVIDENCE_MAX_FILES})
    held = StagedFile.objects.filter(complaint=None).aggregate(bytes=Sum("size", default=0))["bytes"]
    if held + incoming.upload.size > MOST_BYTES:
        raise filestore.CouldNotStore
    try:
        with attaching.on_disk([incoming]) as (kept,), transaction.atomic():
            return _store(form_key, file_key, kept, at)
    except IntegrityError:
        # The same file came twice at the same moment: the first one is kept.
        return StagedFile.objects.get(file_key=file_key, form_key=form_key)


def _store(form_key: UUID, file_key: UUID, kept: Incoming, at: datetime) -> StagedFile:
    stored = kept.stored
    assert stored is not None  # on_disk() wrote it
    return StagedFile.objects.create(
        form_key=form_key,
        file_key=file_key,
        type=kept.file_type.type,
        content_type=kept.file_type.content_type,
        label=kept.label,
        file=stored.name,
        preview=kept.stored_preview,
        size=stored.size,
        sha256=stored.sha256,
        at=at,
    )


def of_form(form_key: UUID, submission_key: str, *, lock: bool = False) -> list[StagedFile]:
    """What lies here for a form: not taken yet, or taken by the very complaint that it became.

    With `lock` nobody else takes or removes it until the transaction ends. Whose it is is asked after the lock: who
    waited for it reads what the first one made of it.
    """
    rows = StagedFile.objects.filter(form_key=form_key).order_by("pk")
    held = list(rows.select_for_update() if lock else rows)
    taken_by = {row.complaint_id for row in held} - {None}
    same = Complaint.objects.filter(pk__in=taken_by, submission_key=submission_key)
    free = {None, *(same.values_list("pk", flat=True) if taken_by else ())}
    return [row for row in held if row.complaint_id in free]


def log(given: Intake, form_key: UUID, files: list[Incoming], *, at: datetime) -> Complaint:
    """The form is sent: receiving.log() by the customer, with what lies here for it and the `files` that came along.

    Raises as receiving.log(), and attaching.NotEvidence for too many files; nothing is taken then.
    """
    with transaction.atomic():
        rows = of_form(form_key, given.submission_key or "", lock=True)
        if len(rows) + len(files) > settings.EVIDENCE_MAX_FILES:
            raise attaching.NotEvidence(_("At most %(most)d files.") % {"most": settings.EVIDENCE_MAX_FILES})
        every = [*map(_incoming, rows), *files]
        complaint = receiving.log(given, actor=CUSTOMER, at=at, files=every)
        StagedFile.objects.filter(pk__in=[row.pk for row in rows]).update(complaint=complaint)
    return complaint


def drop(form_key: UUID, file_key: UUID) -> None:
    """The customer takes one back before the form is sent; what is not here, or was sent, is left alone."""
    _remove(StagedFile.objects.filter(form_key=form_key, file_key=file_key, complaint=None))


def forget(*, at: datetime) -> int:
    """Remove what no form took within a day, and the rows of what was taken; returns how many rows.

    Who sends their form at this very moment holds its rows: they are passed over.
    """
    old = StagedFile.objects.filter(at__lt=at - KEPT)
    removed = 0
    while count := _remove(old[:CHUNK]):
        removed += count
    return removed


def _remove(rows: QuerySet[StagedFile]) -> int:
    """Delete the rows first, then their files: never a row without a file. Returns how many rows."""
    with transaction.atomic():
        gone = list(rows.select_for_update(skip_locked=True))
        StagedFile.objects.filter(pk__in=[row.pk for row in gone]).delete()
    filestore.remove(name for row in gone if row.complaint_id is None for name in (row.file, row.preview) if name)
    return len(gone)


def _incoming(row: StagedFile) -> Incoming:
    """The file as attach() takes it: examined and on the disk already."""
    return Incoming(
        upload=UploadedFile(name=row.label, content_type=row.content_type, size=row.size),
        label=row.label,
        file_type=FileType(row.type, row.content_type, ()),
        stored=filestore.Stored(row.file, row.size, row.sha256),
        stored_preview=row.preview,
    )
