"""The administration of categories, root causes and reply templates."""

import pytest
from django.urls import reverse

from accounts.models import Person
from complaints.models import Category, ReplyTemplate, RootCause
from tests.cases import logged

pytestmark = pytest.mark.django_db

GOOD = "Dear {salutation}, {handler} looks after {reference} and answers by {promised}."


@pytest.fixture
def administrator(client, cast):
    client.force_login(cast.administrator)
    return client


def template(**fields) -> dict:
    return {"name": "First", "position": 1, "active": "on", "body": GOOD, "body_zh": "{handler}负责。"} | fields


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("model", [Category, RootCause, ReplyTemplate])
def test_an_administrator_opens_every_page_in_both_languages(administrator, cast, model, language):
    Person.objects.filter(pk=cast.administrator.pk).update(language=language)
    ReplyTemplate.objects.create(name="First", body=GOOD, body_zh=GOOD)
    for name, args in [("changelist", []), ("add", []), ("change", [model.objects.first().pk])]:
        response = administrator.get(reverse(f"admin:complaints_{model._meta.model_name}_{name}", args=args))
        assert response.status_code == 200
        assert response.headers["Content-Language"] == language


def test_a_supervisor_does_not_get_in(client, cast):
    client.force_login(cast.supervisor)
    assert client.get(reverse("admin:complaints_category_changelist"), follow=True).status_code == 403


def test_each_top_entry_is_followed_by_what_belongs_to_it(administrator, cast):
    shop = Category.objects.create(name="Shop", position=1)
    Category.objects.create(name="Labels", parent=shop, position=2)
    Category.objects.create(name="Food", parent=shop, position=1)
    Category.objects.create(name="Drift", parent=cast.metering, position=9)
    response = administrator.get(reverse("admin:complaints_category_changelist"))
    listed = [entry.full_label for entry in response.context["cl"].result_list]
    assert listed == ["Metering", "Metering / Drift", "Shop", "Shop / Food", "Shop / Labels"]


def test_an_entry_cannot_stand_under_itself(administrator, cast):
    below = Category.objects.create(name="Drift", parent=cast.metering)
    fields = {"name": "Metering", "parent": below.pk, "position": 0, "active": "on"}
    response = administrator.post(reverse("admin:complaints_category_change", args=[cast.metering.pk]), fields)
    assert "cannot stand under itself" in str(response.context["adminform"].form.errors["parent"])


def test_a_category_in_use_is_not_deleted_and_no_complaint_is_named(administrator, cast, at):
    complaint = logged(cast, at, category=cast.metering)
    page = reverse("admin:complaints_category_delete", args=[cast.metering.pk])
    html = administrator.post(page, {"post": "yes"}).content.decode()
    assert "1 × complaint" in html
    assert complaint.reference not in html
    assert Category.objects.filter(pk=cast.metering.pk).exists()


def test_a_category_in_use_survives_the_action_on_many_too(administrator, cast, at):
    logged(cast, at, category=cast.metering)
    fields = {"action": "delete_selected", "_selected_action": [cast.metering.pk], "post": "yes"}
    administrator.post(reverse("admin:complaints_category_changelist"), fields)
    assert Category.objects.filter(pk=cast.metering.pk).exists()


def test_a_template_with_the_known_variables_is_kept_word_for_word(administrator):
    assert administrator.post(reverse("admin:complaints_replytemplate_add"), template()).status_code == 302
    assert ReplyTemplate.objects.get().body == GOOD


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("body", "You hear from us by {promise}.", "“{promise}” is not a variable"),
        ("body_zh", "{称呼}您好", "“{称呼}” is not a variable"),
        ("body", "{}", "“{}” is not a variable"),
        ("body", "By {promised", "has no partner"),
        ("body_zh", "}{handler}", "has no partner"),
        ("body", "", "required"),
        ("body", "x" * 20_001, "At most 20000"),
        ("body", "a\x00b", "cannot be stored"),
    ],
)
def test_what_is_wrong_with_a_template_stands_beside_the_text(administrator, field, text, message):
    response = administrator.post(reverse("admin:complaints_replytemplate_add"), template(**{field: text}))
    errors = response.context["adminform"].form.errors
    assert list(errors) == [field]
    assert message in errors[field][0]
    assert not ReplyTemplate.objects.exists()
