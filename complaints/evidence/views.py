"""Files of evidence: served to those who may see the complaint, and added by the desk."""

import logging
import re
from typing import BinaryIO

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from complaints.case import permissions
from complaints.case.actors import Actor
from complaints.errors import NotPermitted, Refused
from complaints.evidence import attaching, file_types, filestore
from complaints.evidence.forms import AddEvidenceForm, names_of, status_of
from complaints.evidence.isomedia import Blanked, NotUnderstood, without_places
from complaints.models import Complaint, Evidence

log = logging.getLogger(__name__)

# Films and sounds of telephones.
WITH_PLACES = {kind.content_type for kind in (file_types.MP4, file_types.MOV, file_types.THREE_GP, file_types.M4A)}
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@require_safe
def original(request, pk: int):
    """The file as it was sent."""
    return serve(request, _visible(request, pk))


@require_safe
def preview(request, pk: int):
    """The copy of a photo that is shown."""
    return serve_preview(_visible(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def add_evidence(request, reference: str):
    """A page of its own for adding files, so that it works without script and says what was refused."""
    at = timezone.now()
    complaint = get_object_or_404(Complaint.objects.visible_to(request.user), reference=reference)
    if not permissions.has_role(permissions.ADD_EVIDENCE, request.user, complaint):
        raise PermissionDenied
    form = AddEvidenceForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            rows = attaching.add(
                complaint.pk,
                form.cleaned_data["files"],
                actor=Actor.staff(request.user),
                at=at,
                public=form.cleaned_data["public"],
            )
        except NotPermitted as refused:
            raise PermissionDenied from refused
        except Refused as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
        else:
            count = len(rows)
            messages.success(
                request, ngettext("%(count)d file added.", "%(count)d files added.", count) % {"count": count}
            )
            return redirect("complaints:case", reference=complaint.reference)
    elif request.method == "POST":
        status = status_of(form)
    context = {"complaint": complaint, "form": form, "files_lost": names_of(request.FILES)}
    return render(request, "complaints/evidence/form.html", context, status=status)


def _visible(request, pk: int) -> Evidence:
    mine = Evidence.objects.filter(complaint__in=Complaint.objects.visible_to(request.user))
    return get_object_or_404(mine, pk=pk)


def serve_to_customer(request: HttpRequest, row: Evidence) -> HttpResponseBase:
    """Return a file for the customer's page: never what it says beside what is seen and heard, as places do.

    The original stays evidence, for those who may see the case. Of a photo the copy that we encoded ourselves is
    given; of films and sounds of telephones the file without such notes. Raises Http404 as serve() does, and for a
    film that is not built as films are.
    """
    if row.type == Evidence.Type.IMAGE:
        return serve_preview(row, download=True)
    if row.content_type not in WITH_PLACES:
        return serve(request, row)
    try:
        return serve(request, row, without_places(filestore.path_of(row.file.name)))
    except (OSError, NotUnderstood) as error:
        log.warning("Evidence %s is not given to the customer: %s", row.pk, error)
        raise Http404 from error


def serve(request: HttpRequest, row: Evidence, file: BinaryIO | Blanked | None = None) -> HttpResponseBase:
    """Return the original (or `file`, of the same length) as a download that no browser runs: attachment,
    sandboxed, never sniffed.

    A player asks for parts (RFC 9110, 14.2: one range; anything else gets the whole file). Raises Http404
    when the file is gone from the disk.
    """
    file = file or _open(row.file.name, row)
    size = row.size
    part = _asked_part(request.headers.get("Range", ""), size)
    if part is None:
        response: HttpResponseBase = FileResponse(file, content_type=row.content_type)
    elif part[0] >= part[1]:
        file.close()
        response = HttpResponse(status=416, content_type="text/plain")
        response["Content-Range"] = f"bytes */{size}"
    else:
        start, stop = part
        response = FileResponse(_Part(file, start, stop), status=206, content_type=row.content_type)
        response["Content-Length"] = str(stop - start)
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = content_disposition_header(True, row.label) or "attachment"
    return _locked_down(response)


def serve_preview(row: Evidence, *, download: bool = False) -> HttpResponseBase:
    """Return the copy that we encoded ourselves, to be shown in a page. Raises Http404 where there is none."""
    if not row.preview:
        raise Http404
    response = FileResponse(_open(row.preview.name, row), content_type="image/jpeg")
    name = row.label.rpartition(".")[0] + ".jpg"
    response["Content-Disposition"] = content_disposition_header(download, name) or "inline"
    return _locked_down(response)


def _open(name: str, row: Evidence) -> BinaryIO:
    try:
        return open(filestore.path_of(name), "rb")
    except OSError as error:
        log.error("Evidence %s: its file %s cannot be opened (%s)", row.pk, name, error.strerror)
        raise Http404 from error


def _locked_down(response: HttpResponseBase) -> HttpResponseBase:
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _asked_part(header: str, size: int) -> tuple[int, int] | None:
    """Return (start, stop) of the part asked for, stop exclusive; None means the whole file.

    start >= stop says that the file has no such part.
    """
    asked = _RANGE.fullmatch(header.strip())
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size


class _Part:
    """Bytes from `start` to `stop` of an open file, which is closed with it."""

    def __init__(self, file: BinaryIO | Blanked, start: int, stop: int):
        self.file, self.left = file, stop - start
        file.seek(start)

    def read(self, size: int) -> bytes:
        data = self.file.read(min(size, self.left))
        self.left -= len(data)
        return data

    def close(self):
        self.file.close()
