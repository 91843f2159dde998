import pytest
from django.http import FileResponse, HttpResponse
from django.test import RequestFactory

from config.middleware import CompressPages, RefuseUnstorableText, is_clean

BOUNDARY = "frontier"


def multipart(value: bytes, *, file: bytes = b"\xff\xd8\xff") -> bytes:
    lines = [
        b"--frontier",
        b'Content-Disposition: form-data; name="login"',
        b"",
        value,
        b"--frontier",
        b'Content-Disposition: form-data; name="photo"; filename="a.jpg"',
        b"Content-Type: image/jpeg",
        b"",
        file,
        b"--frontier--",
        b"",
    ]
    return b"\r\n".join(lines)


def post_form(client, body: bytes):
    return client.generic("POST", "/account/login/", body, content_type="application/x-www-form-urlencoded")


def post_multipart(client, body: bytes, extra: str = ""):
    return client.generic(
        "POST", "/account/login/", body, content_type=f"multipart/form-data; boundary={BOUNDARY}{extra}"
    )


@pytest.mark.parametrize(
    ("data", "clean"),
    [
        (b"", True),
        (b"q=leak", True),
        ("q=漏油".encode(), True),
        (b"q=%E6%BC%8F%E6%B2%B9+x", True),
        (b"q=%", True),
        (b"q=%00", False),
        (b"q=\0", False),
        (b"q=%FF%FE", False),
        (b"q=\xff", False),
        (b"q=%ED%A0%80", False),
        (b"q=%C0%AF", False),
    ],
)
def test_only_utf_8_without_nul_is_clean(data, clean):
    assert is_clean(data) is clean


@pytest.mark.parametrize("query", ["q=%00", "q=%FF%FE", "%FF=1", "q=%ED%A0%80", "q=a%00b&page=2"])
def test_a_query_that_cannot_be_stored_gets_a_page_that_says_so(client, db, query):
    answer = client.generic("GET", "/account/login/", QUERY_STRING=query)
    assert answer.status_code == 400
    assert "a character that cannot be stored" in answer.content.decode()


def test_the_page_speaks_the_visitors_language(client, db, settings):
    answer = client.generic("GET", "/account/login/", QUERY_STRING="q=%00", HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert 'lang="zh-Hans"' in answer.content.decode()


def test_chinese_in_a_query_passes(client, db):
    assert client.get("/account/login/", {"next": "/漏油"}).status_code == 200


def test_an_address_with_nul_does_not_exist(client, db):
    assert client.get("/c/abc%00def/").status_code == 404


def test_a_cookie_with_nul_is_refused_before_the_session_is_looked_up(client, db):
    answer = client.get("/account/login/", HTTP_COOKIE='sessionid="\\000aaaaaaaaaaaaaaaa"')
    assert answer.status_code == 400


@pytest.mark.parametrize("body", [b"login=\xff\xfe&password=x", b"login=%FF%FE&password=x", b"login=%ED%A0%80"])
def test_a_form_with_broken_utf_8_is_refused_instead_of_stored_damaged(client, db, body):
    assert post_form(client, body).status_code == 400


def test_nul_in_a_form_is_answered_beside_the_field(client, db):
    answer = client.post("/account/login/", {"login": "me\0", "password": "x"})
    assert answer.status_code == 200
    assert "There is a character in it that cannot be stored." in answer.content.decode()


def test_multipart_with_broken_utf_8_is_refused(client, db):
    assert post_multipart(client, multipart(b"\xff\xfe")).status_code == 400


def test_multipart_with_a_replacement_character_that_somebody_typed_passes(client, db):
    assert post_multipart(client, multipart("\ufffd".encode())).status_code == 200


def test_multipart_in_another_charset_is_refused(client, db):
    assert post_multipart(client, multipart(b"x"), "; charset=gbk").status_code == 400


def test_a_multipart_file_may_hold_any_bytes_and_still_streams_to_the_handlers():
    request = RequestFactory().generic(
        "POST",
        "/",
        multipart(b"text", file=b"\xff\0" * 2000),
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
    )
    assert RefuseUnstorableText(lambda _request: None).process_view(request) is None
    assert request.FILES["photo"].read() == b"\xff\0" * 2000
    assert request.POST["login"] == "text"
    assert request.encoding is None
    assert not hasattr(request, "_body")


def test_a_truncated_multipart_form_is_a_bad_request(client, db):
    assert post_multipart(client, b"--other\r\n").status_code in (200, 400)
    assert client.generic("POST", "/account/login/", b"x", content_type="multipart/form-data").status_code == 400


def test_a_text_that_only_the_database_refused_becomes_the_same_page(client, db):
    request = RequestFactory().get("/")
    middleware = RefuseUnstorableText(lambda _request: None)
    refusal = ValueError("A string literal cannot contain NUL (0x00) characters.")
    request.user = None
    assert middleware.process_exception(request, refusal).status_code == 400
    assert middleware.process_exception(request, ValueError("something else")) is None


def test_the_database_driver_still_refuses_nul_with_these_words(db):
    from accounts.models import Person

    with pytest.raises(ValueError, match=r"NUL \(0x00\)"):
        Person.objects.filter(username="\0").exists()


# Compression ---------------------------------------------------------------------------------------


def compressed(response, accepts="gzip") -> bool:
    request = RequestFactory().get("/", headers={"accept-encoding": accepts})
    return "Content-Encoding" in CompressPages(lambda _request: response)(request).headers


def test_a_page_is_compressed_for_whoever_takes_it():
    page = "<p>Long enough to be worth it.</p>" * 50
    assert compressed(HttpResponse(page))
    assert not compressed(HttpResponse(page), accepts="identity")


def test_files_and_what_is_no_page_are_sent_as_they_are(tmp_path):
    file = tmp_path / "film.html"
    file.write_bytes(b"<p>Read in parts.</p>" * 50)
    assert not compressed(HttpResponse("x" * 1000, content_type="image/jpeg"))
    with file.open("rb") as opened:
        assert not compressed(FileResponse(opened))


def test_a_view_that_takes_json_reads_it_itself_and_no_other_does(client, db):
    def view(_request):
        """Answers for its own body."""

    assert client.post("/account/login/", b'{"a": 1}', content_type="application/json").status_code == 415
    view.takes_json = True
    request = RequestFactory().post("/", b'{"a": 1}', content_type="application/json")
    assert RefuseUnstorableText(lambda _request: None).process_view(request, view, (), {}) is None
