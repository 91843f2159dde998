"""Where people land whose roles show them no complaints."""

import pytest

from accounts.models import Person
from tests.cast import person


@pytest.fixture
def see(client):
    """see(person) → the queue as this person gets it, as text."""

    def see(somebody):
        client.force_login(somebody)
        return client.get("/queue/").text

    return see


def test_an_administrator_is_led_on_where_the_list_is_empty(cast, see):
    page = see(cast.administrator)
    assert "You administer the desk" in page
    assert "An administrator can give you one" not in page
    # Main navigation at the top and at the bottom, the account's menu, and the page itself.
    assert page.count('href="/admin/"') == 4
    for address in ("/admin/accounts/team/", "/admin/accounts/person/"):
        assert f'href="{address}"' in page


def test_who_has_no_role_is_told_whom_to_ask(cast, see):
    page = see(person("no.role"))
    assert "Your roles show you no complaints" in page
    assert 'href="/admin/"' not in page


@pytest.mark.parametrize(
    ("language", "words"), [("zh-CN,zh;q=0.9,en;q=0.5", "先设置投诉处理台"), ("en-GB,en", "Set up the desk")]
)
def test_the_first_administrator_of_an_empty_desk_reads_what_to_do_first_in_their_language(
    client, db, language, words
):
    Person.objects.create_superuser("first", "first@desk.example", "correct horse", name="First")
    signed_in = client.post(
        "/account/login/", {"login": "first", "password": "correct horse"}, headers={"accept-language": language}
    )
    page = client.get(signed_in.url).text
    assert words in page
    assert 'href="/admin/accounts/team/"' in page
    assert client.get("/admin/").status_code == 200


def test_a_language_that_somebody_chose_is_kept_whatever_the_browser_asks_for(client, cast):
    for headers in ({"accept-language": "zh-CN"}, {}):
        client.post("/account/login/", {"login": "li.min", "password": "correct horse"}, headers=headers)
        cast.handler.refresh_from_db()
        assert cast.handler.language == "en"
