import errno

import pytest
from django.core.files import uploadhandler
from django.http.multipartparser import MultiPartParserError
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT

from complaints.evidence.forms import AddEvidenceForm, status_of
from tests.complaints import samples

_requests = []


@pytest.fixture(autouse=True)
def _requests_are_closed():
    yield
    while _requests:
        _requests.pop().close()


@pytest.fixture(autouse=True)
def _everything_goes_to_disk(settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0


def part(name: str, content: bytes, field="files") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n"


def sent(*files: tuple[str, bytes], whole=True):
    body = b"".join(part(name, content) for name, content in files)
    body += f"--{BOUNDARY}--\r\n".encode() if whole else b""
    _requests.append(RequestFactory().generic("POST", "/", body, MULTIPART_CONTENT))
    return _requests[-1]


def checked(request) -> AddEvidenceForm:
    form = AddEvidenceForm(request.POST, request.FILES)
    form.is_valid()
    return form


def test_a_good_file_passes():
    form = checked(sent(("photo.jpg", samples.jpeg())))
    assert [incoming.label for incoming in form.cleaned_data["files"]] == ["photo.jpg"]


def test_of_a_file_that_is_too_large_no_more_is_kept_than_the_limit(settings):
    settings.EVIDENCE_MAX_BYTES = 1 << 20
    request = sent(("film.mp4", samples.TAKEN["film.mp4"][0] + b"x" * 5_000_000), ("photo.jpg", samples.jpeg()))
    upload, photo = request.FILES.getlist("files")
    assert upload.size > 5_000_000
    assert upload.read() == b""
    assert photo.read() == samples.jpeg()
    assert checked(request).errors["files"] == ["“film.mp4” is larger than 1 MB."]


def test_the_eleventh_file_is_counted_and_not_kept():
    request = sent(*[(f"{number}.jpg", samples.jpeg()) for number in range(12)])
    assert [bool(upload.read()) for upload in request.FILES.getlist("files")] == [True] * 10 + [False] * 2
    assert checked(request).errors["files"] == ["At most 10 files at a time (you sent 12)."]


@pytest.mark.parametrize("name", ["..", ".", "/", "a/.."])
def test_a_file_without_a_real_name_is_not_lost(name):
    form = checked(sent((name, samples.jpeg())))
    assert len(form.cleaned_data["files"]) == 1


def test_a_field_in_which_no_file_was_chosen_is_no_file():
    assert sent(("", b"")).FILES.getlist("files") == []


def test_a_disk_that_is_full_while_receiving_is_507_beside_the_field(monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(uploadhandler, "TemporaryUploadedFile", full)
    request = sent(("photo.jpg", samples.jpeg()))
    form = checked(request)
    assert status_of(form) == 507
    assert "We could not store the file" in form.errors["files"][0]


def test_a_disk_that_fills_in_the_middle_of_a_file_is_the_same(monkeypatch):
    class Full:
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(uploadhandler, "TemporaryUploadedFile", lambda *args: Full())
    assert status_of(checked(sent(("photo.jpg", samples.jpeg())))) == 507


def test_an_ending_of_three_hundred_characters_is_no_error():
    form = checked(sent(("a." + "b" * 300, samples.jpeg())))
    assert form.is_valid() or status_of(form) == 507


@pytest.mark.parametrize("memory", [0, 2_000_000])
def test_half_a_file_is_not_taken_for_no_file(settings, memory):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = memory
    request = sent(("photo.jpg", samples.jpeg()), whole=False)
    with pytest.raises(MultiPartParserError):
        request.FILES  # noqa: B018 - reading it receives the files


def test_a_wrong_boundary_is_refused():
    request = RequestFactory().generic("POST", "/", b"x", "multipart/form-data")
    with pytest.raises(MultiPartParserError):
        request.FILES  # noqa: B018 - reading it receives the files
