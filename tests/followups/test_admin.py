"""The administration of promise policies."""

import pytest
from django.urls import reverse

from accounts.models import Person
from followups.models import PromisePolicy

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client, cast):
    client.force_login(cast.administrator)
    return client


def policy(cast, **fields) -> dict:
    given = {
        "category": cast.metering.pk,
        "severity": "normal",
        "kind": "resolution",
        "minutes": 4320,
        "clock": "calendar",
        "warn_minutes": 480,
        "active": "on",
    }
    return given | fields


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_administrator_opens_every_page_in_both_languages(administrator, cast, language):
    Person.objects.filter(pk=cast.administrator.pk).update(language=language)
    first = PromisePolicy.objects.first()
    for name, args in [("changelist", []), ("add", []), ("change", [first.pk])]:
        response = administrator.get(reverse(f"admin:followups_promisepolicy_{name}", args=args))
        assert response.status_code == 200
        assert response.headers["Content-Language"] == language


def test_a_supervisor_does_not_get_in(client, cast):
    client.force_login(cast.supervisor)
    assert client.get(reverse("admin:followups_promisepolicy_changelist"), follow=True).status_code == 403


def test_a_policy_for_a_category_is_made_and_its_length_is_shown_in_words(administrator, cast):
    assert administrator.post(reverse("admin:followups_promisepolicy_add"), policy(cast)).status_code == 302
    made = PromisePolicy.objects.get(category=cast.metering)
    assert made.minutes == 4320
    html = administrator.get(reverse("admin:followups_promisepolicy_changelist")).content.decode()
    assert "3 days" in html


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"severity": ""}, "required"),
        ({"severity": "mild"}, "not offered"),
        ({"minutes": 0}, "At least 1."),
        ({"minutes": 10**9}, "At most 2635200."),
        ({"minutes": "1e400"}, "whole number"),
        ({"minutes": ""}, "required"),
        ({"warn_minutes": 4320}, "must come before the promise is due"),
        ({"long_stop_minutes": 60}, "long stop cannot come before"),
        ({"category": "", "kind": "first_contact"}, "policy for this category, severity and promise already"),
        ({"category": 999_999}, "not offered"),
    ],
)
def test_what_is_wrong_with_a_policy_is_said_in_words(administrator, cast, fields, message):
    before = PromisePolicy.objects.count()
    response = administrator.post(reverse("admin:followups_promisepolicy_add"), policy(cast, **fields))
    assert response.status_code == 200
    assert message in str(response.context["adminform"].form.errors)
    assert PromisePolicy.objects.count() == before
