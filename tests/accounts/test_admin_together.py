"""Every page of the administration, by two at once: no 500, and what cannot be true twice is stored once."""

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.test import Client
from django.urls import reverse

from accounts.admin import together
from accounts.models import Calendar, Membership, Person, Role, Team
from tests.cast import build_cast, person
from tests.together import Meeting, at_once

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
AT_ONCE = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PASSWORD = "a-long-and-odd-phrase"


def fields_of(page) -> dict:
    """What a browser would send from this page, with something in every field that must not be empty."""
    form = page.context["adminform"].form
    sent = {name: _value(name, field, form[name].value()) for name, field in form.fields.items()}
    for inline in page.context["inline_admin_formsets"]:
        management = inline.formset.management_form
        sent |= {management.add_prefix(name): management[name].value() for name in management.fields}
        for row in inline.formset.initial_forms:
            sent |= {row.add_prefix(name): row[name].value() for name in row.fields}
        sent[f"{inline.formset.prefix}-TOTAL_FORMS"] = inline.formset.initial_form_count()
    return {name: value for name, value in sent.items() if value is not None and value is not False}


def _value(name: str, field: forms.Field, value):
    if value not in (None, "") or not field.required:
        return value
    if isinstance(field, forms.ChoiceField):
        return next(key for key, _label in field.widget.choices if str(key))
    if isinstance(field, forms.EmailField):
        return "something.new@desk.example"
    if isinstance(field, (forms.IntegerField, forms.DecimalField)):
        return 60
    return PASSWORD if name.startswith("password") else "something.new"


def special(model, cast) -> dict:
    """Where a first choice and a word do not make a new row."""
    return {
        "team": {"kind": "site", "parent": cast.company.pk},
        "calendar": {"always_open": "on"},
        "promisepolicy": {"category": cast.metering.pk},
    }.get(model._meta.model_name, {})


def administrator_of(cast) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(cast.administrator)
    return client


def address(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@AT_ONCE
@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.model_name)
def test_one_form_sent_twice_at_once_is_stored_or_handed_back(model, monkeypatch):
    cast = build_cast()
    site = admin.site._registry[model]
    client, other = administrator_of(cast), administrator_of(cast)
    monkeypatch.setattr(ModelAdmin, "save_model", Meeting().before(ModelAdmin.save_model))
    if model._meta.model_name != "deskrules":
        page = address(model, "add")
        fields = fields_of(client.get(page)) | special(model, cast)
        before = model.objects.count()
        answers = at_once(*(lambda one=one: one.post(page, fields) for one in (client, other)))
        codes = sorted(answer.status_code for answer in answers)
        assert codes in ([200, 302], [302, 302]), [answer.context and answer.context["errors"] for answer in answers]
        assert model.objects.count() == before + codes.count(302)
        for refused in (answer for answer in answers if answer.status_code == 200):
            assert refused.context["errors"], "handed back without a word"
    row = site.get_queryset(client.get("/").wsgi_request).order_by("-pk").first() or model(pk=1)
    page = address(model, "change", row.pk)
    fields = fields_of(client.get(page))
    answers = at_once(*(lambda one=one: one.post(page, fields) for one in (client, other)))
    assert [answer.status_code for answer in answers] == [302, 302]


@AT_ONCE
def test_two_moves_at_once_do_not_make_the_tree_a_circle(monkeypatch):
    cast = build_cast()
    north = Team.objects.create(name="North", kind="region", parent=cast.company)
    monkeypatch.setattr(ModelAdmin, "save_model", Meeting().before(ModelAdmin.save_model))
    moves = []
    for team, under in ((cast.west, north), (north, cast.west)):
        client, page = administrator_of(cast), address(Team, "change", team.pk)
        fields = fields_of(client.get(page)) | {"parent": under.pk}
        moves.append(lambda client=client, page=page, fields=fields: client.post(page, fields))
    answers = at_once(*moves)
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    [refused] = [answer for answer in answers if answer.status_code == 200]
    assert "cannot stand under itself" in str(refused.context["adminform"].form.errors["parent"])
    for team in Team.objects.all():
        assert team.path == f"{team.parent.path if team.parent else ''}{team.pk}."


@AT_ONCE
def test_two_administrators_cannot_take_the_role_from_each_other_at_once(monkeypatch):
    cast = build_cast()
    second = person("second.admin", (Role.ADMINISTRATOR, cast.company), is_staff=True)
    monkeypatch.setattr(ModelAdmin, "save_model", Meeting().before(ModelAdmin.save_model))
    acts = []
    for actor, victim in ((cast.administrator, second), (second, cast.administrator)):
        client = Client(raise_request_exception=False)
        client.force_login(actor)
        page = address(Person, "change", victim.pk)
        fields = fields_of(client.get(page))
        fields.pop("is_active")
        acts.append(lambda client=client, page=page, fields=fields: client.post(page, fields))
    assert sorted(answer.status_code for answer in at_once(*acts)) == [302, 403]
    assert Person.objects.filter(is_active=True, memberships__role=Role.ADMINISTRATOR).count() == 1


@AT_ONCE
def test_spans_that_two_entered_at_once_do_not_overlap():
    cast = build_cast()
    calendar = Calendar.objects.create(name="Offices")
    calendar.spans.create(weekday=0, opens="08:00", closes="12:00")
    client, page = administrator_of(cast), address(Calendar, "change", calendar.pk)
    fields = fields_of(client.get(page)) | {"spans-TOTAL_FORMS": 2, "spans-1-weekday": 0}
    afternoons = [fields | {"spans-1-opens": opens, "spans-1-closes": "18:00"} for opens in ("13:00", "14:00")]
    answers = at_once(*(lambda sent=sent: administrator_of(cast).post(page, sent) for sent in afternoons))
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert calendar.spans.count() == 2


@pytest.fixture
def administrator(cast):
    return administrator_of(cast)


@pytest.mark.parametrize("sent", [{"is_active": None}, {"memberships-0-DELETE": "on"}])
def test_the_last_administrator_cannot_be_taken_away(administrator, cast, sent):
    page = address(Person, "change", cast.administrator.pk)
    fields = fields_of(administrator.get(page)) | sent
    response = administrator.post(page, {name: value for name, value in fields.items() if value is not None})
    assert response.status_code == 200
    assert "nobody could administer the desk" in response.text
    cast.administrator.refresh_from_db()
    assert cast.administrator.is_active
    assert Membership.objects.filter(person=cast.administrator).exists()


def test_the_team_that_holds_the_last_administrator_is_not_deleted(administrator, cast):
    spare = Team.objects.create(name="Spare", kind="site", parent=cast.east)
    Membership.objects.filter(person=cast.administrator).update(team=spare)
    page = address(Team, "delete", spare.pk)
    response = administrator.post(page, {"post": "yes"}, follow=True)
    assert "nobody could administer the desk" in response.text
    listed = {"action": "delete_selected", "_selected_action": [spare.pk], "post": "yes"}
    response = administrator.post(address(Team, "changelist"), listed, follow=True)
    assert "nobody could administer the desk" in response.text
    assert Team.objects.filter(pk=spare.pk).exists()


def test_what_only_the_database_refuses_is_said_in_the_form_with_everything_typed(administrator, cast, monkeypatch):
    Calendar.objects.create(name="Offices", always_open=True)
    monkeypatch.setattr(Calendar, "validate_unique", lambda *args, **kwargs: None)
    page = address(Calendar, "add")
    fields = fields_of(administrator.get(page)) | {"name": "Offices", "always_open": "on"}
    response = administrator.post(page, fields)
    assert response.status_code == 200
    assert "somebody saved the same meanwhile" in response.text
    assert response.context["adminform"].form["name"].value() == "Offices"


def test_a_constraint_that_names_a_field_speaks_beside_it(administrator, cast, monkeypatch):
    monkeypatch.setattr("accounts.models.team.refuse_misplaced", lambda team: None)
    monkeypatch.setattr(Team, "validate_constraints", lambda *args, **kwargs: None)
    page = address(Team, "add")
    sent = {"name": "region WEST", "kind": "region", "parent": cast.company.pk, "active": "on"}
    response = administrator.post(page, fields_of(administrator.get(page)) | sent)
    assert "There is a team of this name here already." in str(response.context["adminform"].form.errors["name"])


def test_a_row_that_something_came_to_use_is_not_deleted_and_that_is_said(administrator, cast, monkeypatch):
    spare = Team.objects.create(name="Spare", kind="site", parent=cast.east)
    monkeypatch.setattr("accounts.admin.base.in_the_way", lambda objs: [])

    def used_meanwhile(self, request, obj):
        Team.objects.create(name="Shop", kind="department", parent=obj)
        obj.delete()

    monkeypatch.setattr(ModelAdmin, "delete_model", used_meanwhile)
    response = administrator.post(address(Team, "delete", spare.pk), {"post": "yes"})
    assert response.status_code == 302
    assert "does not fit what was stored meanwhile" in administrator.get(response["Location"]).text
    assert Team.objects.filter(pk=spare.pk).exists()


def test_who_lost_the_role_while_waiting_changes_nothing(administrator, cast, monkeypatch):
    other = person("second.admin", (Role.ADMINISTRATOR, cast.company), is_staff=True)
    page = address(Team, "change", cast.hexi.pk)
    fields = fields_of(administrator.get(page)) | {"name": "Renamed"}
    lock = together.organisation.lock

    def lost_meanwhile():
        lock()
        Membership.objects.filter(person=cast.administrator).delete()

    monkeypatch.setattr(together.organisation, "lock", lost_meanwhile)
    assert administrator.post(page, fields).status_code == 403
    assert other.is_active
    assert not Team.objects.filter(name="Renamed").exists()


@pytest.mark.parametrize(
    ("model", "asked", "code"),
    [
        (Person, "handled_complaints__id=1", 400),
        (Person, "password__startswith=argon2", 400),
        (Person, "is_superuser__exact=1", 400),
        (Person, "memberships__team__parent__name=x", 400),
        (Person, "memberships__role__exact=handler", 200),
        (Person, "memberships__team__id__exact=1", 200),
        (Person, "is_active__exact=1&language__exact=en", 200),
        (Team, "kind__exact=site&active__exact=1", 200),
        (Team, "complaints__id=1", 400),
        (Team, "kind__contains=s", 400),
    ],
)
def test_a_list_answers_for_its_filters_and_for_nothing_else(administrator, model, asked, code):
    assert administrator.get(f"{address(model, 'changelist')}?{asked}").status_code == code


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.model_name)
def test_every_list_refuses_a_walk_along_its_relations(administrator, cast, model):
    site = admin.site._registry[model]
    walks = [f"{relation.name}__pk" for relation in model._meta.get_fields() if relation.is_relation]
    request = administrator.get("/").wsgi_request
    assert [walk for walk in walks if site.lookup_allowed(walk, "1", request)] == []


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.model_name)
def test_every_filter_that_is_offered_answers(administrator, cast, model):
    page = administrator.get(address(model, "changelist"), follow=True)
    for spec in page.context["cl"].filter_specs if "cl" in page.context else ():
        for choice in spec.choices(page.context["cl"]):
            assert administrator.get(address(model, "changelist") + choice["query_string"]).status_code == 200
