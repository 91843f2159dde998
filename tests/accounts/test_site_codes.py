"""The code of a site: made by itself, typed in any way, renewed when a poster is abused."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from accounts import random_codes, site_codes
from accounts.models import Team
from tests.cast import build_cast
from tests.together import at_once


def new_site(cast, **fields) -> Team:
    return Team.objects.create(**{"name": "Caotan", "kind": "site", "parent": cast.west} | fields)


def test_a_site_gets_a_code_of_its_own_and_keeps_it(cast):
    site, other = new_site(cast), new_site(cast, name="Beichen")
    assert site.site_code != other.site_code
    assert set(site.site_code) <= set(random_codes.ALPHABET)
    assert len(site.site_code) == random_codes.LENGTH
    code = site.site_code
    site.name = "Caotan West"
    site.save()
    assert Team.objects.get(pk=site.pk).site_code == code


def test_only_sites_have_a_code(cast):
    department = new_site(cast, kind="department")
    assert department.site_code is None
    department.kind = "site"
    department.save(update_fields=["kind"])
    code = Team.objects.get(pk=department.pk).site_code
    assert site_codes.site_of(code) == department
    department.kind = "department"
    department.save()
    assert Team.objects.get(pk=department.pk).site_code is None
    assert site_codes.site_of(code) is None


def test_whoever_loaded_the_site_before_it_got_another_code_does_not_bring_the_old_one_back(cast):
    site = new_site(cast)
    stale, old = Team.objects.get(pk=site.pk), site.site_code
    new = site_codes.renew(site, by=cast.administrator)
    stale.name = "Renamed"
    stale.save()
    assert stale.site_code == new
    assert site_codes.site_of(old) is None
    assert site_codes.site_of(new) == site


@pytest.mark.parametrize(
    "spelling",
    [
        str.lower,
        lambda code: f" {code[:4]} {code[4:]} ",
        "-".join,
        "–".join,
        lambda code: "".join(chr(ord(letter) + 0xFEE0) for letter in code),
    ],
    ids=["small", "spaces", "hyphens", "dashes", "wide"],
)
def test_a_code_is_found_however_it_is_typed(cast, spelling):
    site = new_site(cast)
    assert site_codes.site_of(spelling(site.site_code)) == site


@pytest.mark.parametrize("typed", ["", "K7Q2M9X", "K7Q2M9XAB", "OOOO1111", "K7Q2M9X\x00", "' OR 1=1", "A" * 10_000])
def test_what_cannot_be_a_code_asks_the_database_nothing(cast, django_assert_num_queries, typed):
    with django_assert_num_queries(0):
        assert site_codes.site_of(typed) is None


def test_a_closed_site_is_found_and_says_that_it_is_closed(cast):
    assert site_codes.site_of(new_site(cast, active=False).site_code).active is False


def test_only_a_site_is_given_another_code(cast):
    with pytest.raises(ValidationError):
        site_codes.renew(cast.west, by=cast.administrator)
    assert not LogEntry.objects.exists()


def test_an_administrator_renews_a_code_and_the_log_keeps_the_old_one(client, cast):
    site, old = cast.hexi, cast.hexi.site_code
    client.force_login(cast.administrator)
    page = reverse("admin:accounts_team_renew_code", args=[site.pk])
    assert page in client.get(reverse("admin:accounts_team_change", args=[site.pk])).content.decode()
    assert old in client.get(page).content.decode()
    site.refresh_from_db()
    assert site.site_code == old
    answer = client.post(page, follow=True)
    site.refresh_from_db()
    assert site.site_code != old
    assert site.site_code in answer.content.decode()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (cast.administrator, str(site.pk))
    assert old in entry.get_change_message()


@pytest.mark.parametrize("who", ["handler", "director"])
def test_nobody_else_renews_a_code(client, cast, who):
    client.force_login(getattr(cast, who))
    client.post(reverse("admin:accounts_team_renew_code", args=[cast.hexi.pk]))
    assert Team.objects.get(pk=cast.hexi.pk).site_code == cast.hexi.site_code


def test_what_is_no_site_has_no_page_to_renew_a_code(client, cast):
    client.force_login(cast.administrator)
    for pk in (cast.west.pk, 10**9):
        assert client.post(reverse("admin:accounts_team_renew_code", args=[pk])).status_code == 404


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_renewals_at_once_leave_one_code_that_leads_to_the_site():
    cast = build_cast()
    given = at_once(*[lambda: site_codes.renew(Team.objects.get(pk=cast.hexi.pk), by=cast.administrator)] * 2)
    assert Team.objects.get(pk=cast.hexi.pk).site_code in given
    assert LogEntry.objects.count() == 2
    assert site_codes.site_of(Team.objects.get(pk=cast.hexi.pk).site_code) == cast.hexi


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_sites_that_stood_before_are_given_codes_by_the_migration():
    before, now = [("accounts", "0005_where_a_team_may_stand")], [("accounts", "0006_site_codes")]
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate(before)
    try:
        teams = MigrationExecutor(connection).loader.project_state(before).apps.get_model("accounts", "Team").objects
        company = teams.create(name="Company", kind="company", path="1.")
        for number in range(3):
            teams.create(name=f"Site {number}", kind="site", parent=company, path=f"1.{number + 2}.")
    finally:
        MigrationExecutor(connection).migrate(now)
        MigrationExecutor(connection).migrate(latest)
    codes = list(Team.objects.filter(kind="site").values_list("site_code", flat=True))
    assert len(set(codes)) == 3
    assert all(random_codes.as_written(code) == code for code in codes)
    assert Team.objects.get(kind="company").site_code is None
