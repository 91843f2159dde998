import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from complaints.case.actors import CUSTOMER
from complaints.choices import Status
from complaints.evidence import attaching, filestore
from complaints.models import Evidence
from tests.cases import at_stage, logged
from tests.complaints import samples


def attached(complaint, name, at, public=False) -> Evidence:
    upload = SimpleUploadedFile(name, samples.TAKEN[name][0])
    return attaching.attach(complaint, [attaching.examine(upload)], actor=CUSTOMER, at=at, public=public)[0]


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def complaint(cast, at):
    return logged(cast, at)


@pytest.fixture
def photo(complaint, at):
    return attached(complaint, "photo.jpg", at)


@pytest.fixture
def sound(complaint, at):
    return attached(complaint, "sound.mp3", at)


def get(client, name, pk, **headers):
    return client.get(reverse(f"complaints:{name}", args=[pk]), headers=headers)


# Who may


def test_those_who_see_the_complaint_get_its_files_and_others_get_404(client, cast, photo):
    for person in (cast.handler, cast.frontline, cast.supervisor, cast.auditor):
        client.force_login(person)
        assert body(get(client, "evidence", photo.pk)) == samples.jpeg()
        assert body(get(client, "evidence_preview", photo.pk)).startswith(b"\xff\xd8")
    for person in (cast.stranger, cast.neighbour, cast.administrator):
        client.force_login(person)
        assert get(client, "evidence", photo.pk).status_code == 404
        assert get(client, "evidence_preview", photo.pk).status_code == 404


def test_an_employee_named_in_the_complaint_gets_none_of_its_files(client, cast, complaint, photo):
    complaint.named_people.add(cast.handler)
    client.force_login(cast.handler)
    assert get(client, "evidence", photo.pk).status_code == 404


@pytest.mark.parametrize("name", ["evidence", "evidence_preview"])
def test_a_visitor_is_asked_to_sign_in(client, photo, name):
    response = get(client, name, photo.pk)
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_a_number_that_no_file_has_is_404(client, cast, photo):
    client.force_login(cast.handler)
    for number in (photo.pk + 1, 0, 10**30):
        assert get(client, "evidence", number).status_code == 404


def test_there_is_no_address_for_the_folder_itself(client, cast, photo):
    client.force_login(cast.director)
    for path in (f"/media/{photo.file.name}", f"/evidence/{photo.file.name}", "/evidence/../settings.py"):
        assert client.get(path).status_code == 404


# How


def test_the_original_is_a_download_that_no_browser_runs(client, cast, photo):
    client.force_login(cast.handler)
    response = get(client, "evidence", photo.pk)
    assert response["Content-Disposition"] == 'attachment; filename="photo.jpg"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Length"] == str(len(samples.jpeg()))
    body(response)


def test_the_copy_is_shown_in_the_page_and_holds_nothing_but_the_picture(client, cast, photo):
    client.force_login(cast.handler)
    response = get(client, "evidence_preview", photo.pk)
    assert response["Content-Disposition"].startswith("inline")
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert samples.CANARY not in body(response)


def test_what_is_no_photo_has_no_copy(client, cast, sound):
    client.force_login(cast.handler)
    assert get(client, "evidence_preview", sound.pk).status_code == 404


@pytest.mark.parametrize("name", ['say "cheese".jpg', "照片；1.jpg", "a\r\nX-Evil: 1.jpg", "%0d%0aX-Evil: 1.jpg"])
def test_a_telling_name_stays_one_header(client, cast, complaint, at, name):
    upload = SimpleUploadedFile("photo.jpg", samples.jpeg())
    upload._name = name
    row = attaching.attach(complaint, [attaching.examine(upload)], actor=CUSTOMER, at=at)[0]
    client.force_login(cast.handler)
    response = get(client, "evidence", row.pk)
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert "X-Evil" not in response.headers
    assert response["Content-Disposition"].isprintable()
    body(response)


# Parts, for players


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-", 0, 1668),
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=1600-9999", 1600, 1668),
        ("bytes=-68", 1600, 1668),
    ],
)
def test_a_player_gets_the_part_it_asks_for(client, cast, sound, asked, start, stop):
    client.force_login(cast.handler)
    content = samples.mp3_frames()
    response = get(client, "evidence", sound.pk, Range=asked)
    assert response.status_code == 206
    assert body(response) == content[start:stop]
    assert response["Content-Range"] == f"bytes {start}-{stop - 1}/{len(content)}"
    assert response["Content-Length"] == str(stop - start)
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("asked", ["bytes=1668-", "bytes=5000-6000", "bytes=-0"])
def test_a_part_behind_the_end_is_refused_with_the_size(client, cast, sound, asked):
    client.force_login(cast.handler)
    response = get(client, "evidence", sound.pk, Range=asked)
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */1668")


@pytest.mark.parametrize(
    "asked", ["", "bytes=-", "bytes=9-3", "bytes=0-1,5-6", "lines=1-2", "bytes=٠-١", "bytes=" + "9" * 40 + "-"]
)
def test_anything_else_gets_the_whole(client, cast, sound, asked):
    client.force_login(cast.handler)
    response = get(client, "evidence", sound.pk, Range=asked)
    assert response.status_code == 200
    assert response["Accept-Ranges"] == "bytes"
    assert len(body(response)) == 1668


def test_a_head_request_says_the_size_without_the_content(client, cast, sound):
    client.force_login(cast.handler)
    response = client.head(reverse("complaints:evidence", args=[sound.pk]))
    assert (response.status_code, response["Content-Length"]) == (200, "1668")
    assert body(response) == b""


def test_a_file_gone_from_the_disk_is_404_and_a_line_for_the_operator(client, cast, photo, caplog):
    filestore.remove([photo.file.name])
    client.force_login(cast.handler)
    with caplog.at_level(logging.ERROR, "complaints.evidence.views"):
        assert get(client, "evidence", photo.pk).status_code == 404
    assert f"Evidence {photo.pk}" in caplog.text


# Adding


def add(client, complaint, *files, **fields):
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(reverse("complaints:add_evidence", args=[complaint.reference]), {"files": uploads, **fields})


def test_a_handler_adds_files_and_comes_back_to_the_complaint(client, cast, complaint):
    client.force_login(cast.handler)
    response = add(client, complaint, ("photo.jpg", samples.jpeg()), ("letter.pdf", samples.pdf()), public="on")
    assert response.url == reverse("complaints:case", args=[complaint.reference])
    assert [(row.label, row.public) for row in complaint.evidence.all()] == [("photo.jpg", True), ("letter.pdf", True)]


def test_a_refused_file_is_named_on_the_same_page(client, cast, complaint):
    client.force_login(cast.handler)
    response = add(client, complaint, ("photo.jpg", samples.jpeg()), ("evil.jpg", samples.archive()))
    assert response.status_code == 422
    assert "“evil.jpg” is not a photo, video, sound or PDF file." in response.text
    assert not complaint.evidence.exists()


def test_a_full_disk_answers_507(client, cast, complaint, monkeypatch):
    def full(chunks):
        raise filestore.CouldNotStore

    monkeypatch.setattr(filestore, "write", full)
    client.force_login(cast.handler)
    response = add(client, complaint, ("photo.jpg", samples.jpeg()))
    assert response.status_code == 507
    assert "We could not store the file" in response.text


def test_who_only_reads_gets_403_and_who_does_not_see_it_404(client, cast, complaint):
    for person, status in ((cast.auditor, 403), (cast.stranger, 404)):
        client.force_login(person)
        assert client.get(reverse("complaints:add_evidence", args=[complaint.reference])).status_code == status
        assert add(client, complaint, ("photo.jpg", samples.jpeg())).status_code == status
    assert not complaint.evidence.exists()


def test_an_archived_complaint_answers_409(client, cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    client.force_login(cast.handler)
    assert add(client, complaint, ("photo.jpg", samples.jpeg())).status_code == 409
