import errno
import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.evidence import attaching, filestore
from complaints.evidence.file_types import JPEG, PDF, file_type
from complaints.evidence.forms import AddEvidenceForm
from complaints.models import Evidence, Message
from tests.cases import at_stage, logged
from tests.complaints import samples


def upload(name="photo.jpg", content=None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, samples.jpeg() if content is None else content, "application/x-lie")


def incoming(*names) -> list[attaching.Incoming]:
    return [attaching.examine(upload(name, samples.TAKEN[name][0])) for name in names]


def on_disk(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


# What we take


@pytest.mark.parametrize("name", samples.TAKEN)
def test_every_kind_is_stored_whole_and_found_again(cast, at, name):
    content, type_, content_type = samples.TAKEN[name]
    row = attaching.attach(logged(cast, at), incoming(name), actor=CUSTOMER, at=at, public=True)[0]
    assert (row.type, row.content_type, row.size) == (type_, content_type, len(content))
    assert filestore.path_of(row.file.name).read_bytes() == content
    assert bool(row.preview) == (type_ == "image")
    assert row.label == name
    assert row.public


@pytest.mark.parametrize("name", samples.REFUSED)
def test_a_foreign_file_named_jpg_is_refused_by_name(name):
    with pytest.raises(attaching.NotEvidence, match=r"“holiday\.jpg” is not a photo, video, sound or PDF file\."):
        attaching.examine(upload("holiday.jpg", samples.REFUSED[name]))


def test_an_empty_file_is_refused():
    with pytest.raises(attaching.NotEvidence, match="is empty"):
        attaching.examine(upload("a.pdf", b""))


def test_a_file_of_the_limit_is_taken_and_one_byte_more_is_refused(settings):
    settings.EVIDENCE_MAX_BYTES = len(samples.pdf())
    assert attaching.examine(upload("a.pdf", samples.pdf())).file_type is PDF
    with pytest.raises(attaching.NotEvidence, match=r"“a[.]pdf” is larger than"):
        attaching.examine(upload("a.pdf", samples.pdf() + b"\n"))


def test_a_damaged_photo_is_refused_by_name():
    with pytest.raises(attaching.NotEvidence, match=r"“a[.]jpg” is damaged"):
        attaching.examine(upload("a.jpg", samples.jpeg()[:400]))


def test_a_photo_with_a_script_behind_it_is_shown_without_the_script(cast, at):
    polyglot = samples.encoded("GIF") + b"/*<script>alert(1)</script>*/"
    row = attaching.attach(logged(cast, at), [attaching.examine(upload("a.gif", polyglot))], actor=CUSTOMER, at=at)[0]
    assert b"script" not in filestore.path_of(row.preview.name).read_bytes()


def test_the_recorder_that_writes_a_film_brand_over_a_sound_is_believed_by_its_name():
    film = samples.TAKEN["android.mp4"][0]
    assert attaching.examine(upload("录音.m4a", film)).file_type.type == "audio"
    assert attaching.examine(upload("录像.mp4", film)).file_type.type == "video"


# Names


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("IMG_2041.JPG", "IMG_2041.jpg"),
        ("照片 1.jpeg", "照片 1.jpeg"),
        ("../../etc/x.jpg", "x.jpg"),
        ("C:\\x\\y.jpg", "y.jpg"),
        ("..", "photo.jpg"),
        (".", "photo.jpg"),
        ("", "photo.jpg"),
        (".htaccess", "htaccess.jpg"),
        ("CON.jpg", "photo.jpg"),
        ("nul", "photo.jpg"),
        ("com1.tar.jpg", "photo.jpg"),
        ("x\u202egpj.exe", "xgpj.exe.jpg"),
        ("x.exe", "x.exe.jpg"),
        ("x.jpg.html", "x.jpg.html.jpg"),
        ("a\r\nSet-Cookie: b=c.jpg", "a Set-Cookie_ b=c.jpg"),
        ('a"b<c>d|e?f*g.jpg', "a_b_c_d_e_f_g.jpg"),
        ("nul\x00byte.jpg", "nulbyte.jpg"),
        ("a\u200b.jpg", "a.jpg"),
        ("\u200b\u200b.jpg", "photo.jpg"),
        ("  . . .jpg", "photo.jpg"),
        ("...jpg...", "photo.jpg"),
        ("a" * 300 + ".jpg", "a" * 116 + ".jpg"),
        ("a." + "b" * 300, "a." + "b" * 114 + ".jpg"),
    ],
)
def test_a_name_becomes_a_harmless_label(name, label):
    assert attaching.label_for(name, JPEG) == label
    assert len(label) <= attaching.LABEL_LIMIT


def test_a_file_is_stored_under_a_name_that_owes_nothing_to_the_uploaded_one(cast, at, settings):
    rows = attaching.attach(logged(cast, at), incoming("photo.jpg"), actor=CUSTOMER, at=at)
    for path in on_disk(settings):
        assert path.suffix == ""
        assert len(path.name) == 32
        assert path.stat().st_mode & 0o077 == 0
    assert len(on_disk(settings)) == 2
    assert rows[0].file.name != rows[0].preview.name


# Storing


def test_evidence_is_an_event_of_the_complaint(cast, at):
    complaint = logged(cast, at)
    rows = attaching.add(
        complaint.pk, incoming("photo.jpg", "letter.pdf"), actor=Actor.staff(cast.handler), at=at, public=True
    )
    event = complaint.events.last()
    assert (event.kind, event.public, event.actor) == ("evidence_added", True, cast.handler)
    assert event.data == {"evidence": [row.pk for row in rows], "count": 2}
    assert {row.uploaded_by for row in rows} == {cast.handler}


def test_the_same_form_sent_twice_stores_nothing_twice(cast, at, settings):
    complaint = logged(cast, at)
    first = attaching.attach(complaint, incoming("photo.jpg", "letter.pdf"), actor=CUSTOMER, at=at)
    again = attaching.attach(complaint, incoming("photo.jpg", "letter.pdf"), actor=CUSTOMER, at=at)
    assert [row.pk for row in first] == [row.pk for row in again]
    assert complaint.events.filter(kind="evidence_added").count() == 1
    assert len(on_disk(settings)) == 3


def test_the_same_file_with_another_message_is_stored_with_that_message_too(cast, at):
    complaint = logged(cast, at)
    message = Message.objects.create(complaint=complaint, kind=Message.Kind.INBOUND, body="Look", at=at)
    attaching.attach(complaint, incoming("photo.jpg"), actor=CUSTOMER, at=at)
    row = attaching.attach(complaint, incoming("photo.jpg"), actor=CUSTOMER, at=at, message=message)[0]
    assert list(message.evidence.all()) == [row]
    assert complaint.evidence.count() == 2


def test_an_archived_complaint_takes_no_more(cast, at, settings):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    with pytest.raises(NotAllowedNow):
        attaching.attach(complaint, incoming("photo.jpg"), actor=CUSTOMER, at=at)
    assert on_disk(settings) == []


def test_the_auditor_and_a_stranger_add_nothing(cast, at):
    complaint = logged(cast, at)
    for person in (cast.auditor, cast.stranger, cast.administrator):
        with pytest.raises(NotPermitted):
            attaching.add(complaint.pk, incoming("photo.jpg"), actor=Actor.staff(person), at=at)
    assert not Evidence.objects.exists()


def test_a_link_in_wrong_hands_cannot_fill_the_disk(cast, at, monkeypatch, settings):
    complaint = logged(cast, at)
    monkeypatch.setattr(attaching, "CUSTOMER_MAX_FILES", 1)
    attaching.attach(complaint, incoming("photo.jpg"), actor=CUSTOMER, at=at)
    with pytest.raises(NotAllowedNow, match="Call us"):
        attaching.attach(complaint, incoming("letter.pdf"), actor=CUSTOMER, at=at)
    monkeypatch.setattr(attaching, "CUSTOMER_MAX_FILES", 60)
    monkeypatch.setattr(attaching, "CUSTOMER_MAX_BYTES", 100)
    with pytest.raises(NotAllowedNow, match="Call us"):
        attaching.attach(complaint, incoming("letter.pdf"), actor=CUSTOMER, at=at)
    assert attaching.add(complaint.pk, incoming("letter.pdf"), actor=Actor.staff(cast.handler), at=at)


# A disk that fails


def fail_at(monkeypatch, number: int, error=errno.ENOSPC):
    """The disk is full when the file of this number is forced to it."""
    calls = iter(range(1, 100))
    fsync = os.fsync

    def full(descriptor):
        if next(calls) == number:
            raise OSError(error, os.strerror(error))
        return fsync(descriptor)

    monkeypatch.setattr(filestore.os, "fsync", full)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_a_full_disk_leaves_no_row_and_no_file(cast, at, settings, monkeypatch, number):
    complaint = logged(cast, at)
    # Each file is forced to disk, then its folder: a photo with its preview makes four, a PDF two more.
    fail_at(monkeypatch, number)
    with pytest.raises(filestore.CouldNotStore) as caught:
        attaching.attach(complaint, incoming("photo.jpg", "letter.pdf"), actor=CUSTOMER, at=at)
    assert caught.value.status == 507
    assert "Your text is kept" in str(caught.value)
    assert not Evidence.objects.exists()
    assert on_disk(settings) == []
    assert not complaint.events.filter(kind="evidence_added").exists()


def test_a_folder_that_cannot_be_made_is_the_same_refusal(cast, at, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "file" / "below"
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(filestore.CouldNotStore):
        attaching.attach(logged(cast, at), incoming("letter.pdf"), actor=CUSTOMER, at=at)


def test_a_process_limit_on_file_size_is_the_same_refusal(cast, at, settings, tmp_path):
    def chunks():
        yield b"x" * 10
        raise OSError(errno.EFBIG, "File too large")

    with pytest.raises(filestore.CouldNotStore):
        filestore.write(chunks())
    assert on_disk(settings) == []


def test_whatever_goes_wrong_between_the_files_takes_them_away(cast, at, settings, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("power cut")

    monkeypatch.setattr(attaching.events, "record", broken)
    with pytest.raises(RuntimeError):
        attaching.attach(logged(cast, at), incoming("photo.jpg"), actor=CUSTOMER, at=at)
    assert on_disk(settings) == []
    assert not Evidence.objects.exists()


def test_no_row_ever_points_to_a_missing_file(cast, at):
    complaint = logged(cast, at)
    with transaction.atomic():
        attaching.attach(complaint, incoming("photo.jpg"), actor=CUSTOMER, at=at)
        transaction.set_rollback(True)
    assert not Evidence.objects.exists()
    attaching.attach(complaint, incoming("photo.jpg"), actor=CUSTOMER, at=at)
    for row in Evidence.objects.all():
        assert filestore.path_of(row.file.name).is_file()
        assert filestore.path_of(row.preview.name).is_file()


# The field


def field_errors(*uploads) -> list[str]:
    form = AddEvidenceForm({}, MultiFiles(uploads))
    return form.errors.get("files", [])


class MultiFiles(dict):
    def __init__(self, uploads):
        super().__init__(files=uploads)

    def getlist(self, name):
        return list(self[name])


def test_the_field_names_every_file_that_is_refused_and_why():
    errors = field_errors(
        upload("a.jpg"), upload("b.svg", b"<svg/>"), upload("c.pdf", b""), upload("d.zip", samples.archive())
    )
    assert errors == [
        "“b.svg” is not a photo, video, sound or PDF file.",
        "“c.pdf” is empty.",
        "“d.zip” is not a photo, video, sound or PDF file.",
    ]


def test_the_field_takes_ten_files_and_says_so_of_the_eleventh(settings):
    assert field_errors(*[upload(f"{n}.jpg") for n in range(settings.EVIDENCE_MAX_FILES)]) == []
    assert field_errors(*[upload(f"{n}.jpg") for n in range(11)]) == ["At most 10 files at a time (you sent 11)."]


def test_the_required_field_wants_a_file():
    assert field_errors() == ["Choose a file."]


def test_the_field_offers_what_telephones_have():
    rendered = str(AddEvidenceForm()["files"])
    assert "multiple" in rendered
    assert 'accept="image/*,video/*,audio/*,application/pdf"' in rendered


def test_the_type_in_the_sample_is_told_by_content_alone():
    assert file_type(samples.jpeg()) is JPEG
