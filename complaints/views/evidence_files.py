"""Files of evidence: served to those who may see the complaint, and added by the desk."""

import logging
import re
from typing import BinaryIO

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from complaints import evidence, filestore
from complaints.actors import Actor
from complaints.errors import NotPermitted, Refused
from complaints.forms.evidence import AddEvidenceForm, status_of
from complaints.models import Complaint, Evidence
from complaints.visibility import roles_on

log = logging.getLogger(__name__)

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
    if not roles_on(request.user, complaint) & evidence.ADDING:
        return render(request, "403.html", status=403)
    form = AddEvidenceForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            rows = evidence.add(
                complaint.pk,
                form.cleaned_data["files"],
                actor=Actor.staff(request.user),
                at=at,
                public=form.cleaned_data["public"],
            )
        except NotPermitted:
            return render(request, "403.html", status=403)
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
    return render(request, "complaints/evidence_form.html", {"complaint": complaint, "form": form}, status=status)


def _visible(request, pk: int) -> Evidence:
    mine = Evidence.objects.filter(complaint__in=Complaint.objects.visible_to(request.user))
    return get_object_or_404(mine, pk=pk)


def serve(request: HttpRequest, row: Evidence) -> HttpResponse:
    """Return the original as a download that no browser runs: attachment, sandboxed, never sniffed.

    A player asks for parts (RFC 9110, 14.2: one range; anything else gets the whole file). Raises Http404
    when the file is gone from the disk.
    """
    file = _open(row.file.name, row)
    size = row.size
    part = _asked_part(request.headers.get("Range", ""), size)
    if part is None:
        response = FileResponse(file, content_type=row.content_type)
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
    response["Content-Disposition"] = content_disposition_header(True, row.label)
    return _locked_down(response)


def serve_preview(row: Evidence) -> HttpResponse:
    """Return the copy that we encoded ourselves, to be shown in a page. Raises Http404 where there is none."""
    if not row.preview:
        raise Http404
    response = FileResponse(_open(row.preview.name, row), content_type="image/jpeg")
    name = row.label.rpartition(".")[0] + ".jpg"
    response["Content-Disposition"] = content_disposition_header(False, name)
    return _locked_down(response)


def _open(name: str, row: Evidence) -> BinaryIO:
    try:
        return open(filestore.path_of(name), "rb")
    except OSError as error:
        log.error("Evidence %s: its file %s cannot be opened (%s)", row.pk, name, error.strerror)
        raise Http404 from error


def _locked_down(response: HttpResponse) -> HttpResponse:
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

    def __init__(self, file: BinaryIO, start: int, stop: int):
        self.file, self.left = file, stop - start
        file.seek(start)

    def read(self, size: int) -> bytes:
        data = self.file.read(min(size, self.left))
        self.left -= len(data)
        return data

    def close(self):
        self.file.close()
