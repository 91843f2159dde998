"""Evidence: photos, videos, sounds and PDFs that belong to a complaint."""

import contextlib
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from complaints.case import appealing, events, permissions
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.permissions import refuse_without
from complaints.errors import NotAllowedNow, Refused
from complaints.evidence import file_types, filestore, previews
from complaints.evidence.file_types import FileType
from complaints.models import Complaint, Evidence, Message
from complaints.texts import clean_line

LABEL_LIMIT = 120
# A link that got into wrong hands must not fill the disk.
CUSTOMER_MAX_FILES = 60
CUSTOMER_MAX_BYTES = 1024 * 1024 * 1024

# What Windows refuses in a name, and the names it keeps for devices.
_UNFIT = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


class NotEvidence(Refused):
    """A file that we do not take; the message names it."""

    status = 422


@dataclass(frozen=True)
class Incoming:
    """A file that was examined and may be attached."""

    upload: UploadedFile
    label: str
    file_type: FileType
    # For photos: the copy that is shown.
    preview: bytes = b""
    # What on_disk() wrote.
    stored: filestore.Stored | None = None
    stored_preview: str = ""

    @property
    def names_on_disk(self) -> list[str]:
        """The names of its files once they are written."""
        return [name for name in (self.stored and self.stored.name, self.stored_preview) if name]

    @cached_property
    def sha256(self) -> str:
        """The hash (hex) of its bytes: what makes a file the same file."""
        if self.stored is not None:
            return self.stored.sha256
        digest = hashlib.sha256()
        for chunk in self.upload.chunks():
            digest.update(chunk)
        return digest.hexdigest()


def examine(upload: UploadedFile) -> Incoming:
    """Return the upload as evidence that may be attached. Raises NotEvidence, in words for the sender.

    The content decides, never the name: a zip named .jpg is a zip. Photos are decoded here, so that
    what passes can also be shown.
    """
    name = shown_name(upload.name or "")
    if getattr(upload, "could_not_store", False):
        raise filestore.CouldNotStore
    if upload.size and upload.size > settings.EVIDENCE_MAX_BYTES:
        raise NotEvidence(
            _("“%(name)s” is larger than %(most)d MB.") % {"name": name, "most": settings.EVIDENCE_MAX_BYTES >> 20}
        )
    if not upload.size:
        raise NotEvidence(_("“%(name)s” is empty.") % {"name": name})
    upload.seek(0)
    found = file_types.file_type(upload.read(file_types.HEAD_BYTES))
    if found is None:
        raise NotEvidence(_("“%(name)s” is not a photo, video, sound or PDF file.") % {"name": name})
    if found is file_types.MP4 and _ending(name) == "m4a":
        # Many phones mark a sound recording with the brand of a film.
        found = file_types.M4A
    preview = _preview(upload, name) if found.type == Evidence.Type.IMAGE else b""
    return Incoming(upload, label_for(upload.name or "", found), found, preview)


def _preview(upload: UploadedFile, name: str) -> bytes:
    try:
        return previews.preview_of(upload)
    except previews.TooManyPixels as error:
        raise NotEvidence(
            _("“%(name)s” has more than %(most)d million pixels. Send a smaller copy of it.")
            % {"name": name, "most": previews.MAX_PIXELS // 1_000_000}
        ) from error
    except previews.NotReadable as error:
        raise NotEvidence(_("“%(name)s” is damaged: it cannot be opened as a photo.") % {"name": name}) from error


def attach(
    complaint: Complaint,
    files: Iterable[Incoming],
    *,
    actor: Actor,
    at: datetime,
    message: Message | None = None,
    public: bool = False,
) -> list[Evidence]:
    """Store the files as evidence of `complaint`, all or none, and record it; returns the rows.

    Call it inside the transaction that writes the message or the complaint they came with, as its last
    step: a file whose transaction is rolled back afterwards stays on disk without a row (never a row
    without a file), until the command remove_stray_files takes it away. `public` shows them on the
    customer's page. A file that the complaint (or the message) has already is not stored twice, so a
    form sent twice changes nothing.

    Who may attach is the caller's question; see add(). Raises CouldNotStore (507), NotAllowedNow.
    """
    files = list(files)
    if not files:
        return []
    with transaction.atomic():
        locked = lock(complaint.pk)
        if locked.is_archived and not appealing.open_appeals(locked).exists():
            raise NotAllowedNow(_("An archived complaint is read-only."))
        if actor.is_customer:
            _refuse_flood(locked, files)
        present = {row.sha256: row for row in locked.evidence.filter(message=message)}
        rows, new = [], []
        with on_disk(files) as stored:
            for incoming in stored:
                kept = incoming.stored
                assert kept is not None  # on_disk() wrote it
                if kept.sha256 in present:
                    filestore.remove(incoming.names_on_disk)
                    rows.append(present[kept.sha256])
                    continue
                row = Evidence.objects.create(
                    complaint=locked,
                    message=message,
                    type=incoming.file_type.type,
                    content_type=incoming.file_type.content_type,
                    label=incoming.label,
                    file=kept.name,
                    preview=incoming.stored_preview,
                    size=kept.size,
                    sha256=kept.sha256,
                    uploaded_by=actor.person,
                    public=public,
                    at=at,
                )
                present[row.sha256] = row
                rows.append(row)
                new.append(row.pk)
            if new:
                said = {"evidence": new, "count": len(new)} | ({"message": message.pk} if message else {})
                events.record(locked, EventKind.EVIDENCE_ADDED, actor=actor, at=at, data=said, public=public)
    return rows


@contextlib.contextmanager
def on_disk(files: Iterable[Incoming]) -> Iterator[list[Incoming]]:
    """Write the files that are not on the disk yet, for attach() inside the block; removed again when that fails.

    For a caller that must not hold up others while megabytes are forced to the disk. Raises CouldNotStore.
    """
    stored: list[Incoming] = []
    ours: list[str] = []
    try:
        for incoming in files:
            if incoming.stored is None:
                kept = filestore.write(incoming.upload.chunks())
                ours.append(kept.name)
                incoming = replace(incoming, stored=kept)
                if incoming.preview:
                    incoming = replace(incoming, stored_preview=filestore.write([incoming.preview]).name)
                    ours.append(incoming.stored_preview)
            stored.append(incoming)
        yield stored
    except BaseException:
        filestore.remove(ours)
        raise


def add(
    complaint_id: int, files: Iterable[Incoming], *, actor: Actor, at: datetime, public: bool = False
) -> list[Evidence]:
    """A person of the desk adds evidence to a complaint. Raises NotPermitted, NotAllowedNow, CouldNotStore."""
    with transaction.atomic():
        complaint = lock(complaint_id)
        refuse_without(permissions.ADD_EVIDENCE, actor.person, complaint, _("Your role cannot add evidence."))
        return attach(complaint, files, actor=actor, at=at, public=public)


def _refuse_flood(complaint: Complaint, files: list[Incoming]):
    """Raises NotAllowedNow when the customer's files would become too many or too large in all."""
    held = complaint.evidence.filter(uploaded_by=None).aggregate(files=Count("pk"), bytes=Sum("size", default=0))
    size = held["bytes"] + sum(incoming.upload.size or 0 for incoming in files)
    if held["files"] + len(files) > CUSTOMER_MAX_FILES or size > CUSTOMER_MAX_BYTES:
        raise NotAllowedNow(_("We cannot take more files for this complaint here. Call us: we find another way."))


def shown_name(name: str) -> str:
    """Return an uploaded name as it may be printed: no path, no control or bidi characters, short."""
    line = clean_line(re.split(r"[/\\]", name or "")[-1])
    return line if len(line) <= 60 else line[:40] + "…" + line[-19:]


def label_for(name: str, found: FileType) -> str:
    """Return what the file is called from now on, to people and when it is downloaded.

    At most LABEL_LIMIT characters, one line, no path; it ends as its content says ("x.exe" that is a
    photo becomes "x.exe.jpg"), and a name of which nothing is left is replaced ("photo.jpg").
    """
    line = "".join(c for c in clean_line(re.split(r"[/\\]", name or "")[-1]) if unicodedata.category(c) != "Cf")
    line = _UNFIT.sub("_", line).rstrip(". ")
    ending = _ending(line)
    stem = line[: -len(ending) - 1] if ending in found.suffixes else line
    ending = ending if ending in found.suffixes else found.suffixes[0]
    stem = stem.strip(". ")
    if not stem or _DEVICE.fullmatch(stem):
        stem = {"image": "photo", "video": "video", "audio": "sound", "pdf": "document"}[found.type]
    return f"{stem[: LABEL_LIMIT - len(ending) - 1]}.{ending}"


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""
