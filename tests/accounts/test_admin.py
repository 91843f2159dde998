"""The administration of teams, people, calendars and rules: who gets in, and what it refuses."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.admin import calendars
from accounts.models import AuthorityLimit, Calendar, DeskRules, Membership, Person, Team
from accounts.worktime.holidays_cn import ChinaYear
from tests.cases import logged
from tests.cast import person

pytestmark = pytest.mark.django_db

PAGES = ["team", "person", "calendar", "authoritylimit"]


@pytest.fixture
def administrator(client, cast):
    client.force_login(cast.administrator)
    return client


@pytest.fixture
def offices() -> Calendar:
    calendar = Calendar.objects.create(name="Offices")
    calendar.spans.create(weekday=0, opens="08:00", closes="12:00")
    return calendar


def rows(prefix: str, *given: dict, initial: int = 0) -> dict:
    """The fields of an inline with these rows."""
    fields = {f"{prefix}-TOTAL_FORMS": len(given), f"{prefix}-INITIAL_FORMS": initial}
    return fields | {f"{prefix}-{n}-{name}": value for n, row in enumerate(given) for name, value in row.items()}


def calendar_fields(*spans: dict, **fields) -> dict:
    return {"name": "Shops", "time_zone": "Asia/Shanghai"} | fields | rows("spans", *spans) | rows("days")


def span(weekday: int, opens: str, closes: str) -> dict:
    return {"weekday": weekday, "opens": opens, "closes": closes}


def new_person(**fields) -> dict:
    given = {
        "username": "new.person",
        "name": "New Person",
        "name_zh": "新人",
        "email": "new@desk.example",
        "language": "zh-hans",
        "time_zone": "Asia/Shanghai",
        "password1": "a-long-and-odd-phrase",
        "password2": "a-long-and-odd-phrase",
    }
    return given | fields | rows("memberships") | rows("absences")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("model", PAGES)
def test_an_administrator_opens_every_page_in_both_languages(administrator, cast, offices, model, language):
    Person.objects.filter(pk=cast.administrator.pk).update(language=language)
    AuthorityLimit.objects.create(team=cast.hexi, role="handler", amount=200)
    found = admin.site.get_model_admin(Team).admin_site._registry
    first = next(each for each in found if each._meta.model_name == model).objects.exclude(pk=None).first()
    for name, args in [("changelist", []), ("add", []), ("change", [first.pk])]:
        response = administrator.get(reverse(f"admin:accounts_{model}_{name}", args=args))
        assert response.status_code == 200
        assert response.headers["Content-Language"] == language


def test_the_first_page_lists_what_can_be_changed_and_no_cases(administrator):
    html = administrator.get(reverse("admin:index")).content.decode()
    for shown in ("Teams", "People", "Calendars", "Categories", "Reply templates", "Promise policies"):
        assert shown in html
    assert reverse("admin:accounts_team_changelist") in html
    registered = {model._meta.model_name for model in admin.site._registry}
    assert registered == {
        *PAGES,
        "deskrules",
        "category",
        "rootcause",
        "replytemplate",
        "outsidehelp",
        "promisepolicy",
        "smstemplate",
    }
    assert Group not in admin.site._registry


@pytest.mark.parametrize("who", ["supervisor", "director", "auditor", "handler"])
def test_nobody_else_gets_in(client, cast, who):
    client.force_login(getattr(cast, who))
    for page in ("admin:index", "admin:accounts_team_changelist", "admin:accounts_person_add"):
        assert client.get(reverse(page), follow=True).status_code == 403


def test_being_staff_without_the_role_opens_no_page(client, cast):
    staff = person("only.staff", is_staff=True)
    client.force_login(staff)
    assert client.get(reverse("admin:accounts_team_changelist")).status_code == 403
    assert client.post(reverse("admin:accounts_team_delete", args=[cast.hexi.pk]), {"post": "yes"}).status_code == 403


def test_strangers_are_sent_to_the_desks_own_sign_in(client, db):
    response = client.get(reverse("admin:accounts_team_changelist"))
    assert response.status_code == 302


def test_a_new_person_is_told_by_role_whether_they_may_open_these_pages(administrator, cast):
    fields = new_person() | rows("memberships", {"team": cast.company.pk, "role": "administrator"})
    assert administrator.post(reverse("admin:accounts_person_add"), fields).status_code == 302
    made = Person.objects.get(username="new.person")
    assert made.is_staff
    assert made.check_password("a-long-and-odd-phrase")
    role = made.memberships.get()
    change = {name: value for name, value in fields.items() if "password" not in name} | {"is_active": "on"}
    change |= rows(
        "memberships",
        {"id": role.pk, "person": made.pk, "team": cast.hexi.pk, "role": "handler"},
        initial=1,
    )
    assert administrator.post(reverse("admin:accounts_person_change", args=[made.pk]), change).status_code == 302
    made.refresh_from_db()
    assert not made.is_staff
    assert made.memberships.get().team == cast.hexi


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"username": "ZHOU.KAI"}, "username", "This user name is taken."),
        ({"email": "Zhou.Kai@DESK.example"}, "email", "belongs to somebody else"),
        ({"email": "not an address"}, "email", "valid email"),
        ({"name": ""}, "name", "required"),
        ({"name": "x" * 81}, "name", "At most 80"),
        ({"name": "a\x00b"}, "name", "cannot be stored"),
        ({"time_zone": "Mars/X"}, "time_zone", "not offered"),
        ({"password2": "something else"}, "password2", "match"),
    ],
)
def test_what_is_wrong_with_a_person_stands_beside_the_field(administrator, fields, field, message):
    response = administrator.post(reverse("admin:accounts_person_add"), new_person(**fields))
    assert response.status_code == 200
    assert message in str(response.context["adminform"].form.errors[field])
    assert "new.person" in response.content.decode() or "username" in fields


def test_the_same_role_twice_is_refused(administrator, cast):
    role = {"team": cast.hexi.pk, "role": "handler"}
    response = administrator.post(reverse("admin:accounts_person_add"), new_person() | rows("memberships", role, role))
    assert response.status_code == 200
    assert not Person.objects.filter(username="new.person").exists()
    assert Membership.objects.filter(team=cast.hexi, role="handler").count() == 2


def test_people_are_deactivated_never_deleted(administrator, cast):
    page = reverse("admin:accounts_person_delete", args=[cast.stranger.pk])
    assert administrator.post(page, {"post": "yes"}).status_code == 403
    assert Person.objects.filter(pk=cast.stranger.pk).exists()


def test_only_a_superuser_changes_a_superuser(administrator, cast):
    Person.objects.filter(pk=cast.stranger.pk).update(is_superuser=True, is_staff=True)
    page = reverse("admin:auth_user_password_change", args=[cast.stranger.pk])
    assert administrator.get(page).status_code == 403
    assert administrator.post(page, {"password1": "x", "password2": "x"}).status_code == 403
    cast.stranger.refresh_from_db()
    assert cast.stranger.check_password("correct horse")


def test_a_password_is_set_anew_and_never_taken_away(administrator, cast):
    page = reverse("admin:auth_user_password_change", args=[cast.handler.pk])
    short = administrator.post(page, {"password1": "short", "password2": "short", "usable_password": "false"})
    assert "too short" in str(short.context["form"].errors["password2"])
    empty = administrator.post(page, {"usable_password": "false", "unset-password": "1"})
    assert list(empty.context["form"].errors) == ["password1", "password2"]
    new = {"password1": "a-long-and-odd-phrase", "password2": "a-long-and-odd-phrase"}
    assert administrator.post(page, new).status_code == 302
    cast.handler.refresh_from_db()
    assert cast.handler.check_password("a-long-and-odd-phrase")


def test_a_team_cannot_stand_under_itself(administrator, cast):
    fields = {"name": "Region West", "name_zh": "西区", "kind": "region", "parent": cast.hexi.pk, "active": "on"}
    response = administrator.post(reverse("admin:accounts_team_change", args=[cast.west.pk]), fields)
    assert "cannot stand under itself" in str(response.context["adminform"].form.errors["parent"])
    cast.west.refresh_from_db()
    assert cast.west.parent == cast.company


def test_teams_are_offered_in_the_order_of_the_tree(administrator, cast):
    form = administrator.get(reverse("admin:accounts_team_add")).context["adminform"].form
    labels = [label for _value, label in form.fields["parent"].choices][1:]
    assert [label.strip() for label in labels][:3] == ["Jinghe Energy", "Region West", "Hexi Road station"]
    assert labels[2].startswith("\u00a0" * 6)


def test_a_team_with_complaints_is_not_deleted_and_no_complaint_is_named(administrator, cast, at):
    complaint = logged(cast, at)
    page = reverse("admin:accounts_team_delete", args=[cast.hexi.pk])
    for response in (administrator.get(page), administrator.post(page, {"post": "yes"})):
        html = response.content.decode()
        assert "1 × complaint" in html
        assert complaint.reference not in html
    assert Team.objects.filter(pk=cast.hexi.pk).exists()


def test_a_team_that_nothing_refers_to_can_be_deleted(administrator, cast):
    spare = Team.objects.create(name="Spare", kind="site", parent=cast.east)
    administrator.post(reverse("admin:accounts_team_delete", args=[spare.pk]), {"post": "yes"})
    assert not Team.objects.filter(pk=spare.pk).exists()


def test_a_calendar_is_made_with_its_spans(administrator):
    fields = calendar_fields(span(0, "08:00", "12:00"), span(0, "13:30", "17:30"))
    assert administrator.post(reverse("admin:accounts_calendar_add"), fields).status_code == 302
    assert Calendar.objects.get(name="Shops").spans.count() == 2


def test_spans_that_overlap_are_refused_beside_the_second(administrator):
    fields = calendar_fields(span(0, "08:00", "12:00"), span(0, "11:00", "17:30"))
    response = administrator.post(reverse("admin:accounts_calendar_add"), fields)
    errors = response.context["inline_admin_formsets"][0].formset.errors
    assert errors[0] == {}
    assert "overlap" in str(errors[1]["opens"])
    assert not Calendar.objects.exists()


def test_a_span_that_is_taken_away_does_not_overlap_any_more(administrator, offices):
    first = offices.spans.get()
    fields = {"name": "Offices", "time_zone": "Asia/Shanghai"} | rows("days")
    fields |= rows(
        "spans",
        {"id": first.pk, "calendar": offices.pk, "DELETE": "on"} | span(0, "08:00", "12:00"),
        span(0, "09:00", "17:30"),
        initial=1,
    )
    assert administrator.post(reverse("admin:accounts_calendar_change", args=[offices.pk]), fields).status_code == 302
    assert str(offices.spans.get()) == "Monday 09:00–17:30"


def test_a_calendar_without_any_opening_is_refused_unless_it_is_always_open(administrator):
    response = administrator.post(reverse("admin:accounts_calendar_add"), calendar_fields())
    assert "at least one span" in response.content.decode()
    fields = calendar_fields(always_open="on")
    assert administrator.post(reverse("admin:accounts_calendar_add"), fields).status_code == 302


def test_a_zone_that_does_not_exist_is_refused_beside_its_field(administrator):
    fields = calendar_fields(span(0, "08:00", "12:00"), time_zone="Mars/X")
    response = administrator.post(reverse("admin:accounts_calendar_add"), fields)
    assert "not offered" in str(response.context["adminform"].form.errors["time_zone"])


def test_it_warns_while_next_years_holidays_are_a_guess(administrator, offices, monkeypatch):
    page = reverse("admin:accounts_calendar_changelist")

    def known(is_known):
        return lambda year: ChinaYear(year, is_known, {}, {}, {})

    monkeypatch.setattr(calendars, "china_days", known(False))
    assert "not known to this version" in administrator.get(page).content.decode()
    monkeypatch.setattr(calendars, "china_days", known(True))
    assert "not known to this version" not in administrator.get(page).content.decode()
    monkeypatch.setattr(calendars, "china_days", known(False))
    Calendar.objects.update(chinese_holidays=False)
    assert "not known to this version" not in administrator.get(page).content.decode()


def test_the_rules_are_one_form_that_shows_what_is_in_force_and_looking_writes_nothing(administrator):
    page = reverse("admin:accounts_deskrules_change", args=[1])
    assert administrator.get(reverse("admin:accounts_deskrules_changelist")).headers["Location"] == page
    assert administrator.get(page).context["adminform"].form["reopen_days"].value() == 15
    assert not DeskRules.objects.exists()
    fields = {field.name: field.default for field in DeskRules._meta.fields if field.name != "id"}
    fields["callback_attempts"] = 4
    assert administrator.post(page, fields).status_code == 302
    assert DeskRules.current().callback_attempts == 4
    response = administrator.post(page, fields | {"callback_attempts": 0})
    assert "At least 1." in str(response.context["adminform"].form.errors["callback_attempts"])
    assert administrator.get(reverse("admin:accounts_deskrules_change", args=[2]), follow=True).status_code == 200
    assert administrator.post(reverse("admin:accounts_deskrules_delete", args=[1])).status_code == 403


def test_a_limit_below_zero_is_refused(administrator, cast):
    fields = {"team": cast.hexi.pk, "role": "handler", "amount": "-5"}
    response = administrator.post(reverse("admin:accounts_authoritylimit_add"), fields)
    assert "At least 0." in str(response.context["adminform"].form.errors["amount"])
