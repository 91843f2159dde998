import pytest
from django.contrib import admin
from django.urls import reverse

from config.admin_site import DeskAdminSite
from tests.cast import person


@pytest.fixture
def staff(db):
    return person("root", is_staff=True, is_superuser=True)


def test_the_desks_own_site_is_the_admin():
    assert isinstance(admin.site, DeskAdminSite)


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/login/?next=/admin/"])
def test_strangers_sign_in_at_the_desks_own_page_which_throttles(client, db, path):
    answer = client.get(path, follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))


def test_a_wrong_password_cannot_be_tried_at_the_admin(client, staff):
    answer = client.post("/admin/login/", {"username": "root", "password": "correct horse"})
    assert answer.status_code == 302
    assert "_auth_user_id" not in client.session


def test_somebody_without_the_right_gets_403(client, db):
    client.force_login(person("frontline"))
    assert client.get("/admin/login/").status_code == 403


def test_staff_see_the_index(client, staff):
    client.force_login(staff)
    assert client.get("/admin/").status_code == 200


def test_after_signing_in_staff_land_where_they_wanted_to_go(client, db):
    answer = client.get("/admin/accounts/person/", follow=True)
    assert answer.redirect_chain[-1][0].endswith("next=/admin/accounts/person/")
