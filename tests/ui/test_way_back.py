import pytest
from django.test import RequestFactory

from ui.way_back import way_back

OURS = ["/board/", "/queue/?view=mine&q=漏油", "/a#talk", "https://desk.example.com/board/"]
NOT_OURS = [
    "",
    "2",
    "./2",
    "../2",
    "?x=1",
    "#talk",
    "complaints:case",
    "board",
    "https://elsewhere.example/",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "/\t/elsewhere.example",
    "///elsewhere.example",
    " /board/",
    "https://desk.example.com.elsewhere.example/",
    "http://desk.example.com/",
    "javascript:alert(1)",
    "/" + "a" * 3_000,
    "/" + "漏" * 1_000,
    "http://[",
]


@pytest.fixture
def asking(settings):
    settings.ALLOWED_HOSTS = ["desk.example.com"]

    def asking(wanted):
        return RequestFactory(headers={"host": "desk.example.com"}).post("/", {"next": wanted}, secure=True)

    return asking


@pytest.mark.parametrize("wanted", OURS)
def test_a_page_of_this_desk_is_led_back_to(asking, wanted):
    assert way_back(asking(wanted), "/otherwise/") == wanted


@pytest.mark.parametrize("wanted", NOT_OURS, ids=lambda wanted: wanted[:40])
def test_anything_else_leads_where_the_page_itself_would(asking, wanted):
    assert way_back(asking(wanted), "/otherwise/") == "/otherwise/"


def test_the_address_may_say_it_too(settings):
    settings.ALLOWED_HOSTS = ["desk.example.com"]
    request = RequestFactory(headers={"host": "desk.example.com"}).post("/?next=/board/")
    assert way_back(request, "/otherwise/") == "/board/"
