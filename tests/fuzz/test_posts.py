"""Every form of the desk, sent by everybody with everything in it that no browser would send.

No answer is a failure of ours, none takes two seconds of work, none is much larger than a page, and what was refused
left nothing behind. The same is asked each time; FUZZ_SEED and FUZZ_N (`make fuzz SEED=2 N=200`) ask more.
"""

import os
import random
import sys
from time import thread_time
from urllib.parse import parse_qs

import pytest
from django import forms
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts import throttle
from complaints.queue.filters import FilterForm
from tests.fuzz.admin import admin_recipes
from tests.fuzz.fields import Recipe
from tests.fuzz.recipes import RECIPES
from tests.fuzz.routes import routes
from tests.fuzz.scene import Scene
from tests.fuzz.values import FIRST, MORE, always, at_random
from tests.fuzz.written import as_browsers_write, written

pytestmark = pytest.mark.django_db
SEED = int(os.environ.get("FUZZ_SEED") or 1)
# Drawn for each form, besides what is always asked.
DRAWN = int(os.environ.get("FUZZ_N") or 8)
LONGEST_WORK = 2.0
LARGEST_ANSWER = 1_000_000
ROLES = [
    "",
    "frontline",
    "handler",
    "supervisor",
    "director",
    "reviewer",
    "auditor",
    "administrator",
    "stranger",
    "technician",
]
FORM = "application/x-www-form-urlencoded"
# What a request leaves whatever comes of it.
PASSING = {"django_session", "django_admin_log", "account_emailaddress", "account_emailconfirmation"}


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker):
    """Built once: every request is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Scene()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _uncounted(monkeypatch, settings):
    """Who asks a thousand times would hear of nothing but that; counting has tests of its own."""
    settings.ACCOUNT_RATE_LIMITS = False
    counting = throttle.allow
    for module in list(sys.modules.values()):
        # Only where it stands already: asking a lazy module for a name would load it.
        if vars(module).get("allow") is counting:
            monkeypatch.setattr(module, "allow", lambda *args, **kwargs: True)


class Sender:
    """Sends one form as one person, takes back what it did, and gathers what was wrong."""

    def __init__(self, scene: Scene):
        self.scene, self.faults, self.clients = scene, [], {}
        self.before: dict[str, tuple] = {}

    def client(self, who: str) -> Client:
        """The browser of the person. They sign in before anything is sent that is taken back: so they stay it."""
        if who not in self.clients:
            client = self.clients[who] = Client(raise_request_exception=False)
            if who:
                client.force_login(getattr(self.scene.cast, who))
            # What everything is taken back to.
            self.before = checksum()
        return self.clients[who]

    def send(self, recipe: Recipe, who: str, fields: dict[str, list], said: str, write=written) -> int:
        """Returns the status of the answer."""
        address = reverse(recipe.route, args=recipe.args(self.scene))
        client = self.client(who)
        save = transaction.savepoint()
        cookies = client.cookies.copy()
        began = thread_time()
        answer = client.post(address, write(fields), content_type=FORM)
        size = len(answer.content) if not answer.streaming else 0
        took = thread_time() - began
        status = answer.status_code
        wrong = [f"answered {status}"] if status >= 500 else []
        wrong += [f"{took:.1f} s of work"] if took > LONGEST_WORK else []
        wrong += [f"an answer of {size} bytes"] if size > LARGEST_ANSWER else []
        if 400 <= status < 500 and (left := differing(self.before, checksum())):
            wrong += [f"answered {status}, but changed {left}"]
        if answer.get("Location", "/").startswith(("//", "http")):
            wrong += [f"leads to {answer['Location']}"]
        transaction.savepoint_rollback(save)
        client.cookies = cookies
        self.faults += [f"{recipe} as {who or 'nobody'}, {said}: {fault}" for fault in wrong]
        return status


def test_who_is_signed_in_stays_it_however_much_is_sent(scene):
    sender = Sender(scene)
    recipe = next(each for each in RECIPES if each.route == "accounts:preferences")
    for _time in range(3):
        assert sender.send(recipe, recipe.who, {"theme": ["purple"]}, "nonsense") == 422
    assert sender.client(recipe.who).get(reverse("complaints:queue")).status_code == 200


def checksum() -> dict[str, tuple]:
    """By table: how many rows, and something that changes with any of them."""
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - PASSING)
    parts = [f"SELECT '{t}', count(*), sum(hashtext(t::text)::bigint) FROM {t} AS t" for t in tables]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {table: rest for table, *rest in cursor.fetchall()}


def differing(before: dict, after: dict) -> str:
    return ", ".join(table for table in before if before[table] != after[table])


def fields_of(recipe: Recipe, scene: Scene) -> dict[str, list]:
    given = recipe.fields(scene) | {"csrfmiddlewaretoken": "x"}
    return {name: [str(value)] for name, value in given.items() if value is not None}


EVERY = [*RECIPES, *admin_recipes()]


@pytest.mark.parametrize("recipe", EVERY, ids=str)
def test_no_form_fails_hangs_or_keeps_what_it_refused(scene, recipe):
    sender, draw = Sender(scene), random.Random(f"{SEED} {recipe}")
    whole = fields_of(recipe, scene)
    assert sender.send(recipe, recipe.who, whole, "as it is") < 500
    for who in ROLES:
        sender.send(recipe, who, whole, "as it is")
    first = list(always(whole))
    asked = [(recipe.who, *each) for each in (first if recipe.thorough else draw.sample(first, min(8, len(first))))]
    asked += [(draw.choice([recipe.who, *ROLES]), *at_random(whole, draw)) for _time in range(DRAWN)]
    for who, name, kind in asked:
        fields = {field: list(values) for field, values in whole.items()}
        (FIRST | MORE)[kind](fields, name)
        sender.send(recipe, who, fields, f"{name}: {kind}")
    assert sender.faults == [], f"FUZZ_SEED={SEED} FUZZ_N={DRAWN}"


# Written as browsers do, a megabyte of "<" is more than one request may hold.
@pytest.mark.parametrize("kind", sorted(FIRST.keys() - {"a megabyte of <"}))
def test_what_browsers_write_is_read_the_same(scene, kind):
    """With every sign as "%CC%95": a form may hold a third of it, and reading it takes longest."""
    sender = Sender(scene)
    recipe = next(each for each in RECIPES if each.route == "complaints:log")
    fields = fields_of(recipe, scene)
    FIRST[kind](fields, "narrative")
    read_back = [parse_qs(write(fields).decode(), keep_blank_values=True) for write in (written, as_browsers_write)]
    assert read_back[0] == read_back[1]
    plain = sender.send(recipe, recipe.who, fields, kind)
    assert sender.send(recipe, recipe.who, fields, kind, write=as_browsers_write) == plain
    assert sender.faults == []


@pytest.fixture
def read(monkeypatch) -> set[str]:
    """The names of the fields that forms of ours read from what is sent, without files."""
    names: set[str] = set()
    full_clean = forms.BaseForm.full_clean

    def noted(form):
        # allauth reads the address into a form, and the filters an address that is itself in a field.
        ours = form.__module__.partition(".")[0] in ("accounts", "complaints", "followups")
        if form.is_bound and ours and not isinstance(form, FilterForm):
            names.update(form.add_prefix(name) for name, field in form.fields.items() if not takes_files(field))
        full_clean(form)

    monkeypatch.setattr(forms.BaseForm, "full_clean", noted)
    return names


def takes_files(field: forms.Field) -> bool:
    return isinstance(field.widget, forms.FileInput)


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_a_form_as_it_is_meant_is_taken_and_every_field_of_it_is_known(scene, recipe, read):
    """A recipe that is refused for another reason, or lacks a field, would not ask what it is to ask."""
    sender, whole = Sender(scene), fields_of(recipe, scene)
    assert sender.send(recipe, recipe.who, whole, "as it is") in recipe.taken
    assert read - recipe.fields(scene).keys() == set()


def test_every_address_that_takes_a_form_has_a_recipe(scene):
    """An address without a recipe answers 405 to a form, whoever sends it and whatever it names."""
    known = {recipe.route for recipe in EVERY}
    args = {
        "reference": scene.received.reference,
        "token": scene.token(scene.received),
        "leave": "of a page",
        "pk": scene.received.pk,
        "what": "reply",
    }
    without = []
    for name, pattern in routes():
        if name in known or name in CHANGE_NOTHING or name.startswith("admin/"):
            continue
        try:
            address = reverse(name, kwargs={key: args[key] for key in pattern.pattern.converters})
        except (NoReverseMatch, KeyError):
            address = f"/{name}" if not pattern.name else None
        client = Client(raise_request_exception=False)
        client.force_login(scene.cast.director)
        if address is None or client.post(address).status_code != 405:
            without.append(name)
    assert without == []


# Django's and allauth's addresses that answer a form with a page, and do nothing. So do the administration's without a
# name: they lead on.
CHANGE_NOTHING = {
    "complaints:home",
    "account_inactive",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "admin:jsi18n",
    "admin:login",
    "admin:logout",
    "admin:password_change_done",
    "admin:view_on_site",
    "admin:app_list",
    "admin:index",
}
