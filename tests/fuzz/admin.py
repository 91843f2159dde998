"""The administration's forms: found in its registry, and filled in as their pages are."""

from collections.abc import Callable
from html.parser import HTMLParser

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from tests.fuzz.fields import Recipe, nothing, plain
from tests.fuzz.scene import Scene


class Inputs(HTMLParser):
    """The fields of the largest form of a page, as a browser would send them."""

    def __init__(self):
        super().__init__()
        self.fields: dict[str, str] = {}
        self.select = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name = given.get("name")
        if tag == "select":
            self.select = name or ""
        elif tag == "option" and self.select and ("selected" in given or self.select not in self.fields):
            self.fields[self.select] = given.get("value") or ""
        elif tag in ("input", "textarea") and name and name != "csrfmiddlewaretoken":
            unticked = given.get("type") in ("checkbox", "radio") and "checked" not in given
            if not unticked:
                self.fields[name] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = ""


def page_fields(route: str, args: Callable[[Scene], list]) -> Callable[[Scene], dict]:
    """What the page of the route holds when it is opened."""

    def fields(scene: Scene) -> dict:
        client = Client()
        client.force_login(scene.cast.administrator)
        parser = Inputs()
        parser.feed(client.get(reverse(route, args=args(scene)), follow=True).content.decode())
        return {name: value or "Fuzz" if name.startswith("name") else value for name, value in parser.fields.items()}

    return fields


def first_of(model: type[Model]) -> Callable[[Scene], list]:
    return lambda scene: [model.objects.values_list("pk", flat=True).order_by("pk").first() or 1]


def admin_recipes() -> list[Recipe]:
    """Recipes for adding, changing, deleting, choosing on a list and the history of every registered model."""
    recipes = [
        Recipe("admin:password_change", "administrator", fields=plain(old_password="x"), thorough=False),
        Recipe("admin:autocomplete", "administrator", fields=plain(term="x"), thorough=False),
    ]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        one = first_of(model)
        for part, args in (
            ("add", nothing),
            ("change", one),
            ("delete", one),
            ("history", one),
            ("changelist", nothing),
        ):
            route = f"{name}_{part}"
            fields = page_fields(route, args) if part in ("add", "change") else plain(**CHOSEN)
            recipes.append(Recipe(route, "administrator", args, fields, thorough=False))
    person = lambda scene: [scene.cast.handler.pk]  # noqa: E731 - a word of a table
    route = "admin:auth_user_password_change"
    site = lambda scene: [scene.cast.hexi.pk]  # noqa: E731 - a word of a table
    recipes.append(Recipe("admin:accounts_team_renew_code", "administrator", site, thorough=False))
    return [*recipes, Recipe(route, "administrator", person, page_fields(route, person), thorough=False)]


CHOSEN = {"action": "delete_selected", "_selected_action": "1", "post": "yes", "select_across": "0", "index": "0"}
