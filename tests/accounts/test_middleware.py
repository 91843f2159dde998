import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone, translation

from accounts.middleware import DraftAccepted, KeptByNoCache, PersonLocaleMiddleware
from accounts.models import Person


def signed_in(request, user):
    """The request as Django's own middleware leaves it once the user was read."""
    request.user = request._cached_user = user
    return request


def answer(rf, user, headers=None):
    """(active language, active zone, response) as a view behind the middleware meets them."""
    request = signed_in(rf.get("/", headers=headers), user)
    seen = []

    def view(request):
        seen.append((translation.get_language(), timezone.get_current_timezone_name()))
        return HttpResponse()

    response = PersonLocaleMiddleware(view)(request)
    return *seen[0], response


def test_a_person_is_answered_in_their_language_and_zone(rf):
    person = Person(username="anna", language="zh-hans", time_zone="Europe/Berlin")
    language, zone, response = answer(rf, person)
    assert (language, zone) == ("zh-hans", "Europe/Berlin")
    assert response.headers["Content-Language"] == "zh-hans"


def test_what_was_active_before_is_active_afterwards(rf):
    answer(rf, Person(username="anna", language="zh-hans", time_zone="Europe/Berlin"))
    assert translation.get_language() == "en"
    assert timezone.get_current_timezone_name() == "Asia/Shanghai"


def test_a_stranger_keeps_the_language_chosen_before(rf):
    with translation.override("zh-hans"):
        language, zone, response = answer(rf, AnonymousUser())
    assert (language, zone) == ("zh-hans", "Asia/Shanghai")
    assert "Content-Language" not in response.headers


@pytest.mark.parametrize(
    ("field", "value"), [("time_zone", "Mars/Base"), ("time_zone", "/etc/passwd"), ("language", "xx")]
)
def test_a_value_no_longer_known_falls_back_to_the_desks(rf, field, value):
    person = Person(username="anna", language="en")
    setattr(person, field, value)
    assert answer(rf, person)[:2] == ("en", "Asia/Shanghai")


def test_a_failing_view_leaves_nothing_active(rf):
    request = signed_in(rf.get("/"), Person(username="anna", language="zh-hans", time_zone="Europe/Berlin"))

    def view(request):
        raise LookupError

    with pytest.raises(LookupError):
        PersonLocaleMiddleware(view)(request)
    assert translation.get_language() == "en"
    assert timezone.get_current_timezone_name() == "Asia/Shanghai"


def test_the_header_names_the_persons_language_not_the_browsers(client, cast):
    client.force_login(cast.handler)
    response = client.get("/preferences/", headers={"accept-language": "zh-hans"})
    assert response.headers["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("draft", "answered", "user", "told"),
    [
        ("7:composer:C-2026-000001", HttpResponseRedirect("/"), Person(username="anna"), "7:composer:C-2026-000001"),
        ("7:composer:C-2026-000001", HttpResponse(status=422), Person(username="anna"), None),
        ("7:composer:C-2026-000001", HttpResponseRedirect("/"), AnonymousUser(), None),
        ("", HttpResponseRedirect("/"), Person(username="anna"), None),
        ("a; Domain=evil.example", HttpResponseRedirect("/"), Person(username="anna"), None),
        ("x" * 121, HttpResponseRedirect("/"), Person(username="anna"), None),
    ],
)
def test_a_draft_may_be_forgotten_only_when_its_form_was_accepted(rf, draft, answered, user, told):
    request = rf.post("/", {"draft": draft})
    request.user = user
    cookies = DraftAccepted(lambda _request: answered)(request).cookies
    assert (cookies["draft_accepted"].value if cookies else None) == told


def test_looking_at_a_page_forgets_no_draft(rf):
    request = rf.get("/", {"draft": "7:log:new"})
    request.user = Person(username="anna")
    assert not DraftAccepted(lambda _request: HttpResponseRedirect("/"))(request).cookies


@pytest.mark.parametrize(
    ("user", "said", "kept"),
    [
        (Person(username="anna"), {}, "private, no-store"),
        (Person(username="anna"), {"Cache-Control": "max-age=60"}, "max-age=60"),
        (AnonymousUser(), {}, None),
    ],
)
def test_what_a_signed_in_person_is_shown_is_kept_by_nobody(rf, user, said, kept):
    request = signed_in(rf.get("/"), user)
    response = KeptByNoCache(lambda request: HttpResponse(headers=said))(request)
    assert response.headers.get("Cache-Control") == kept


def test_the_answer_to_signing_out_is_not_kept_either(rf):
    request = signed_in(rf.post("/account/logout/"), Person(username="anna"))

    def sign_out(request):
        request.user = AnonymousUser()
        return HttpResponse()

    assert KeptByNoCache(sign_out)(request).headers["Cache-Control"] == "private, no-store"
