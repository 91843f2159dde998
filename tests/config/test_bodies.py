"""A body that is not understood is refused, on every address that takes one, and nothing is done."""

import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from django.utils import timezone

from complaints.choices import Status
from tests.cases import at_stage
from tests.followups.board.at_the_board import asked

FORM = "application/x-www-form-urlencoded"
WHOLE = encode_multipart(BOUNDARY, {"note": "I call him today"})
NOT_A_FORM = "is not a form of this desk"
BROKEN_OFF = "broke off on the way"


@pytest.fixture
def escalation(client, cast, db):
    now = timezone.now()
    found = asked(cast, at_stage(cast, Status.ASSIGNED, now - timedelta(hours=1)), now)
    client.force_login(cast.supervisor)
    return found


def send(client, escalation, body: bytes, content_type: str, **environ):
    """Post as a network would deliver it: the test client itself would not let a body be short."""
    address = reverse("followups:sign", args=[escalation.pk])
    sent = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    return client.generic("POST", address, **sent | environ)


@pytest.mark.parametrize("body", [b"note=I+call+him", b""])
def test_a_whole_form_signs(client, escalation, body):
    assert send(client, escalation, body, FORM).status_code == 302
    escalation.refresh_from_db()
    assert escalation.signed_at is not None


def test_a_whole_form_in_parts_signs(client, escalation):
    assert send(client, escalation, WHOLE, MULTIPART_CONTENT).status_code == 302
    escalation.refresh_from_db()
    assert escalation.signed_note == "I call him today"


BROKEN = {
    "JSON": (json.dumps({"note": "x"}).encode(), "application/json", 415, NOT_A_FORM),
    "JSON that calls itself a form": (json.dumps({"note": "x=1"}).encode(), FORM, 400, NOT_A_FORM),
    "plain text": (b"note=x", "text/plain", 415, NOT_A_FORM),
    "no type at all": (b"note=x", "", 415, NOT_A_FORM),
    "nothing of no type": (b"", "", 415, NOT_A_FORM),
    "words": (b"hello", FORM, 400, NOT_A_FORM),
    "a name that is no field's": (b"note%20or%20so=x", FORM, 400, NOT_A_FORM),
    "another boundary": (WHOLE, "multipart/form-data; boundary=another", 400, BROKEN_OFF),
    "no boundary": (WHOLE, "multipart/form-data", 400, BROKEN_OFF),
    "parts without their end": (WHOLE[:-10], MULTIPART_CONTENT, 400, BROKEN_OFF),
    "half of the parts": (WHOLE[: len(WHOLE) // 2], MULTIPART_CONTENT, 400, BROKEN_OFF),
    "no parts": (b"", MULTIPART_CONTENT, 400, BROKEN_OFF),
    "another charset": (b"note=x", f"{FORM}; charset=gbk", 400, "cannot be stored"),
}


@pytest.mark.parametrize(("body", "content_type", "status", "words"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_whole_form_signs_nothing_and_says_why(client, escalation, body, content_type, status, words):
    answer = send(client, escalation, body, content_type)
    assert (answer.status_code, words in answer.content.decode()) == (status, True)
    escalation.refresh_from_db()
    assert escalation.signed_at is None


@pytest.mark.parametrize(("body", "content_type"), [(b"note=I+call", FORM), (WHOLE, MULTIPART_CONTENT)])
def test_a_body_that_is_shorter_than_it_says_signs_nothing(client, escalation, body, content_type):
    answer = send(client, escalation, body, content_type, CONTENT_LENGTH=str(len(body) + 20))
    assert (answer.status_code, BROKEN_OFF in answer.content.decode()) == (400, True)
    escalation.refresh_from_db()
    assert escalation.signed_at is None


def test_a_body_without_a_length_signs_nothing(client, escalation):
    answer = send(client, escalation, b"note=x", FORM, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
    assert answer.status_code == 411
    escalation.refresh_from_db()
    assert escalation.signed_at is None


def test_the_reason_is_said_in_chinese_too(client, db):
    answer = client.generic("POST", "/c/", b"{}", "application/json", HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert "不是本系统的表单" in answer.content.decode()


# Too much ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("content_type", [FORM, MULTIPART_CONTENT])
def test_too_much_text_is_413_and_says_so(client, db, content_type):
    data = {"reference": "x" * (2 * 1024 * 1024)}
    if content_type == FORM:
        answer = client.post("/c/", f"reference={data['reference']}", content_type=FORM)
    else:
        answer = client.post("/c/", data)
    assert answer.status_code == 413
    assert "at most 2 MB" in answer.content.decode()


@pytest.mark.parametrize("content_type", [FORM, MULTIPART_CONTENT])
def test_too_many_fields_say_so(client, db, content_type, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    data = {f"f{number}": "1" for number in range(21)}
    body = "&".join(f"{name}=1" for name in data)
    answer = client.post("/c/", body, content_type=FORM) if content_type == FORM else client.post("/c/", data)
    assert answer.status_code == 400
    assert "too many fields at once: at most 20" in answer.content.decode()


def test_too_many_files_say_so(client, db, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    answer = client.post("/c/", {"files": [SimpleUploadedFile(f"{n}.jpg", b"x") for n in range(4)]})
    assert answer.status_code == 400
    assert "too many files: at most 10 at a time" in answer.content.decode()
