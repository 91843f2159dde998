"""The administration of promise policies."""

import html

import pytest
from django.urls import reverse

from accounts.models import Person
from followups.models import PromisePolicy, SmsTemplate

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


class TestRegisteredTexts:
    """What the provider of text messages has on file."""

    def add(self, administrator, **fields):
        given = {
            "event": "customer_acknowledged",
            "language": "zh-hans",
            "template_id": "SMS_1",
            "text": "已收到您的投诉${reference}，${when}前答复。详情：https://desk.example.com/c/${code}/",
        }
        return administrator.post(reverse("admin:followups_smstemplate_add"), given | fields)

    def test_one_is_entered_and_listed(self, administrator):
        assert self.add(administrator).status_code == 302
        assert SmsTemplate.objects.get().holes == ["reference", "when", "code"]
        listed = administrator.get(reverse("admin:followups_smstemplate_changelist")).content.decode()
        assert "We have your complaint" in listed

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"text": "Dear ${name}"}, "Only ${reference}"),
            ({"text": "Dear {reference}"}, "Only ${reference}"),
            ({"text": "It costs $5"}, "Only ${reference}"),
            ({"text": "【泾禾能源】已收到"}, "adds the signature"),
            ({"event": "escalated"}, "not offered"),
            ({"event": "customer_result"}, "not offered"),
            ({"language": "de"}, "not offered"),
            ({"template_id": ""}, "required"),
        ],
    )
    def test_what_is_wrong_is_said_in_words(self, administrator, fields, message):
        response = self.add(administrator, **fields)
        assert response.status_code == 200
        assert message in html.unescape(str(response.context["adminform"].form.errors))
        assert not SmsTemplate.objects.exists()

    def test_there_is_one_for_each_message_and_language(self, administrator):
        self.add(administrator)
        assert self.add(administrator).status_code == 200
        assert self.add(administrator, language="en").status_code == 302

    def test_only_a_desk_that_sends_text_messages_lists_them(self, administrator, settings):
        address = reverse("admin:followups_smstemplate_changelist")
        assert address not in administrator.get(reverse("admin:index")).content.decode()
        settings.SMS = {"provider": "aliyun"}
        assert address in administrator.get(reverse("admin:index")).content.decode()
