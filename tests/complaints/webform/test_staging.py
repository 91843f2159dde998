"""Files of the form before it is sent: uploaded one by one, taken along by it, and forgotten where it is not sent."""

import io
import os
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from PIL import Image

from complaints.evidence import attaching, filestore
from complaints.models import Evidence, StagedFile
from complaints.webform import limits, staging
from tests.complaints import samples
from tests.complaints.intake.log_form import photo
from tests.complaints.webform.web_form import at as form_of, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]
FILES = "/new/files/"


@pytest.fixture
def upload(visitor):
    """What the page's script sends for one file."""
    form_key = str(uuid4())

    def send(file=None, **fields):
        given = {"form_key": form_key, "file_key": str(uuid4()), "file": file or photo()} | fields
        return visitor.post(FILES, {name: value for name, value in given.items() if value is not None})

    send.form_key = form_key
    return send


def on_disk(settings) -> int:
    return sum(len(names) for _folder, _folders, names in os.walk(settings.MEDIA_ROOT))


def test_files_that_arrived_before_are_evidence_of_the_form(visitor, cast, upload, settings):
    assert upload(photo("a.jpg")).json() == {"name": "a.jpg", "size": StagedFile.objects.get().size}
    assert upload(SimpleUploadedFile("b.pdf", samples.pdf())).status_code == 200
    answer, complaint = sent(visitor, form_of(cast.hexi), form_key=upload.form_key, evidence=[photo("c.jpg", "blue")])
    kept = Evidence.objects.filter(complaint=complaint, public=True)
    assert [row.label for row in kept] == ["a.jpg", "b.pdf", "c.jpg"]
    assert all(filestore.path_of(row.file.name).exists() for row in kept)
    assert "a.jpg" in visitor.get(answer.headers["Location"].removesuffix("thanks/")).content.decode()


def test_the_same_form_twice_takes_them_once(visitor, cast, upload):
    upload(photo("a.jpg"))
    key = str(uuid4())
    first, complaint = sent(visitor, form_of(cast.hexi), form_key=upload.form_key, submission_key=key)
    again, none = sent(visitor, form_of(cast.hexi), form_key=upload.form_key, submission_key=key)
    assert (again.headers["Location"], none) == (first.headers["Location"], None)
    assert complaint.evidence.count() == 1
    _other, other = sent(visitor, form_of(cast.hexi), form_key=upload.form_key, narrative="Something else")
    assert not other.evidence.exists(), "what one complaint took belongs to no other"


def test_a_file_that_comes_again_after_a_dropped_line_is_one(upload, settings):
    file_key = str(uuid4())
    for _each in range(2):
        assert upload(photo("a.jpg"), file_key=file_key).status_code == 200
    assert StagedFile.objects.count() == 1
    assert on_disk(settings) == 2, "the photo and the copy that is shown"


def test_another_forms_key_takes_nothing(visitor, cast, upload):
    upload(photo("a.jpg"))
    _answer, complaint = sent(visitor, form_of(cast.hexi), form_key=str(uuid4()))
    assert not complaint.evidence.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("film.mp4", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "is not a photo"),
        ("page.jpg", b"<html><script>alert(1)</script>", "is not a photo"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"x" * 100, "damaged"),
        ("empty.jpg", b"", "is empty"),
    ],
)
def test_what_is_no_evidence_says_why(upload, settings, name, content, words):
    answer = upload(SimpleUploadedFile(name, content))
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert (StagedFile.objects.count(), on_disk(settings)) == (0, 0)


def test_a_gif_named_mp4_is_a_photo_and_a_polyglot_is_shown_as_a_photo_only(upload):
    moving = io.BytesIO()
    Image.new("RGB", (4, 4)).save(moving, "GIF")
    assert upload(SimpleUploadedFile("a.mp4", moving.getvalue())).json()["name"] == "a.mp4.gif"
    picture = photo().getvalue() + b"<html><script>alert(1)</script>"
    assert upload(SimpleUploadedFile("a.html", picture)).json()["name"] == "a.html.jpg"
    assert [row.content_type for row in StagedFile.objects.all()] == ["image/gif", "image/jpeg"]


def test_a_picture_of_too_many_pixels_and_a_file_that_is_too_large_are_refused(upload, settings):
    huge = io.BytesIO()
    Image.new("1", (13_000, 13_000)).save(huge, "PNG")
    assert "million pixels" in upload(SimpleUploadedFile("huge.png", huge.getvalue())).json()["error"]
    settings.EVIDENCE_MAX_BYTES = 1000
    assert "is larger than" in upload(SimpleUploadedFile("a.pdf", samples.pdf() + b"x" * 2000)).json()["error"]


def test_an_eleventh_file_is_refused_before_the_form_and_with_it(visitor, cast, upload, settings):
    settings.EVIDENCE_MAX_FILES = 2
    assert [upload().status_code for _each in range(3)] == [200, 200, 409]
    answer, complaint = sent(visitor, form_of(cast.hexi), form_key=upload.form_key, evidence=[photo("c.jpg")])
    assert (answer.status_code, complaint) == (422, None)
    assert "At most 2 files." in answer.content.decode()


def test_too_many_files_from_one_address_are_said(upload, monkeypatch):
    monkeypatch.setattr(limits, "FILES_FROM_A_NETWORK", 1)
    assert upload().status_code == 200
    answer = upload()
    assert answer.status_code == 429
    assert "Too many files" in answer.json()["error"]


def test_what_nobody_sent_yet_takes_no_more_of_the_disk_than_it_may(upload, monkeypatch, settings):
    monkeypatch.setattr(staging, "MOST_BYTES", 10)
    answer = upload()
    assert answer.status_code == 507
    assert on_disk(settings) == 0


@pytest.mark.parametrize("missing", [{"form_key": None}, {"file_key": "x"}, {"file_key": None}])
def test_what_the_script_never_sends_is_refused(upload, missing):
    assert upload(**missing).status_code == 422
    assert not StagedFile.objects.exists()


def test_a_request_without_a_file_is_refused(visitor):
    assert visitor.post(FILES, {"form_key": str(uuid4()), "file_key": str(uuid4())}).status_code == 422


def test_a_file_can_be_taken_back_before_the_form_is_sent(visitor, cast, upload, settings):
    file_key = str(uuid4())
    upload(photo("a.jpg"), file_key=file_key)
    assert upload(file_key=file_key, form_key=str(uuid4()), remove="1").status_code == 200
    assert StagedFile.objects.count() == 1, "not with another form's key"
    assert upload(file_key=file_key, remove="1").status_code == 200
    assert (StagedFile.objects.count(), on_disk(settings)) == (0, 0)


def test_what_is_evidence_cannot_be_taken_back(visitor, cast, upload):
    file_key = str(uuid4())
    upload(photo("a.jpg"), file_key=file_key)
    _answer, complaint = sent(visitor, form_of(cast.hexi), form_key=upload.form_key)
    upload(file_key=file_key, remove="1")
    assert filestore.path_of(complaint.evidence.get().file.name).exists()


def test_a_form_that_is_refused_keeps_the_files_that_came_along(visitor, cast, upload):
    refused, _none = sent(visitor, form_of(cast.hexi), phone="", form_key=upload.form_key, evidence=[photo("a.jpg")])
    html = refused.content.decode()
    assert "a.jpg" in html
    assert "choose them again" not in html
    _answer, complaint = sent(visitor, form_of(cast.hexi), form_key=upload.form_key)
    assert [row.label for row in complaint.evidence.all()] == ["a.jpg"]


def test_after_a_day_what_nobody_sent_is_forgotten_and_evidence_stays(visitor, cast, upload, at, settings):
    upload(photo("a.jpg"))
    _answer, complaint = sent(visitor, form_of(cast.hexi), form_key=upload.form_key)
    upload(photo("b.jpg", "blue"), form_key=str(uuid4()))
    assert staging.forget(at=at + timedelta(hours=23)) == 0
    assert staging.forget(at=at + timedelta(hours=25)) == 2
    assert not StagedFile.objects.exists()
    assert on_disk(settings) == 2
    assert filestore.path_of(complaint.evidence.get().file.name).exists()


def test_files_of_unsent_forms_are_no_stray_files(upload, cast, at, visitor):
    sent(visitor, form_of(cast.hexi), evidence=[photo("a.jpg")])
    upload(photo("b.jpg", "blue"))
    row = StagedFile.objects.get()
    old = (at - timedelta(hours=48)).timestamp()
    for name in (row.file, row.preview):
        os.utime(filestore.path_of(name), (old, old))
    said = StringIO()
    call_command("remove_stray_files", "--delete", stdout=said)
    assert "0 stray files" in said.getvalue()
    assert filestore.path_of(row.file).exists()


def test_a_file_on_the_disk_counts_by_its_bytes_as_one_that_is_uploaded(upload):
    file = photo("a.jpg")
    expected = attaching.examine(SimpleUploadedFile("a.jpg", file.getvalue())).sha256
    upload(file)
    assert StagedFile.objects.get().sha256 == expected
