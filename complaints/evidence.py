"""Evidence: photos, videos, sounds and PDFs that belong to a complaint."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from accounts.models import Role
from complaints import events, filestore, filetypes, images
from complaints.actors import Actor
from complaints.errors import NotAllowedNow, NotPermitted, Refused
from complaints.filetypes import FileType
from complaints.locking import lock
from complaints.models import Complaint, Evidence, Message
from complaints.texts import clean_line
from complaints.visibility import roles_on

ADDING = {Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR, Role.REVIEWER}
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


def examine(upload: UploadedFile) -> Incoming:
    """Return the upload as evidence that may be attached. Raises NotEvidence, in words for the sender.

    The content decides, never the name: a zip named .jpg is a zip. Photos are decoded here, so that
    what passes can also be shown.
    """
    name = shown_name(upload.name)
    if getattr(upload, "could_not_store", False):
        raise filestore.CouldNotStore
    if upload.size > settings.EVIDENCE_MAX_BYTES:
        raise NotEvidence(
            _("“%(name)s” is larger than %(most)d MB.") % {"name": name, "most": settings.EVIDENCE_MAX_BYTES >> 20}
        )
    if not upload.size:
        raise NotEvidence(_("“%(name)s” is empty.") % {"name": name})
    upload.seek(0)
    found = filetypes.file_type(upload.read(filetypes.HEAD_BYTES))
    if found is None:
        raise NotEvidence(_("“%(name)s” is not a photo, video, sound or PDF file.") % {"name": name})
    if found is filetypes.MP4 and _ending(name) == "m4a":
        # The recorders of many telephones write the brand of a film over a sound.
        found = filetypes.M4A
    preview = _preview(upload, name) if found.type == Evidence.Type.IMAGE else b""
    return Incoming(upload, label_for(upload.name, found), found, preview)


def _preview(upload: UploadedFile, name: str) -> bytes:
    try:
        return images.preview_of(upload)
    except images.TooManyPixels as error:
        raise NotEvidence(
            _("“%(name)s” has more than %(most)d million pixels. Send a smaller copy of it.")
            % {"name": name, "most": images.MAX_PIXELS // 1_000_000}
        ) from error
    except images.NotReadable as error:
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
    written = []
    try:
        with transaction.atomic():
            locked = lock(complaint.pk)
            if locked.is_archived:
                raise NotAllowedNow(_("An archived complaint is read-only."))
            if actor.is_customer:
                _refuse_flood(locked, files)
            present = {row.sha256: row for row in locked.evidence.filter(message=message)}
            rows, new = [], []
            for incoming in files:
                stored = filestore.write(incoming.upload.chunks())
                if stored.sha256 in present:
                    filestore.remove([stored.name])
                    rows.append(present[stored.sha256])
                    continue
                written.append(stored.name)
                preview = filestore.write([incoming.preview]).name if incoming.preview else ""
                written += [preview] if preview else []
                row = Evidence.objects.create(
                    complaint=locked,
                    message=message,
                    type=incoming.file_type.type,
                    content_type=incoming.file_type.content_type,
                    label=incoming.label,
                    file=stored.name,
                    preview=preview,
                    size=stored.size,
                    sha256=stored.sha256,
                    uploaded_by=actor.person,
                    public=public,
                    at=at,
                )
                present[row.sha256] = row
                rows.append(row)
                new.append(row.pk)
            if new:
                said = {"evidence": new, "count": len(new)} | ({"message": message.pk} if message else {})
                events.record(locked, "evidence_added", actor=actor, at=at, data=said, public=public)
    except BaseException:
        filestore.remove(written)
        raise
    return rows


def add(
    complaint_id: int, files: Iterable[Incoming], *, actor: Actor, at: datetime, public: bool = False
) -> list[Evidence]:
    """A person of the desk adds evidence to a complaint. Raises NotPermitted, NotAllowedNow, CouldNotStore."""
    with transaction.atomic():
        complaint = lock(complaint_id)
        if not roles_on(actor.person, complaint) & ADDING:
            raise NotPermitted(_("Your role cannot add evidence."))
        return attach(complaint, files, actor=actor, at=at, public=public)


def _refuse_flood(complaint: Complaint, files: list[Incoming]):
    """Raises NotAllowedNow when the customer's files would become too many or too large in all."""
    held = complaint.evidence.filter(uploaded_by=None).aggregate(files=Count("pk"), bytes=Sum("size", default=0))
    size = held["bytes"] + sum(incoming.upload.size for incoming in files)
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
