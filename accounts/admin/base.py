"""What every page of the administration shares: who may open it, what it says, how it refuses to delete."""

from typing import Any

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import PROTECT, ForeignObjectRel, Model, Q
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.access import may_administer
from accounts.admin.together import OneAtATime
from accounts.forms import time_zone_choices


class AdministratorOnly:
    """Opens a page of the administration, or a part of one, to administrators; Django's permissions play no part."""

    def has_module_permission(self, request):
        return may_administer(request.user)

    def has_view_permission(self, request, obj=None):
        return may_administer(request.user)

    def has_add_permission(self, request, obj=None):
        return may_administer(request.user)

    def has_change_permission(self, request, obj=None):
        return may_administer(request.user)

    def has_delete_permission(self, request, obj=None):
        return may_administer(request.user)


class ChoosesTimeZone:
    """Gives the field `time_zone` a select of the zones by region; mixed into ModelAdmin."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name != "time_zone":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        label = capfirst(db_field.verbose_name)
        return forms.ChoiceField(label=label, choices=time_zone_choices, initial=db_field.default)


# Digits that fit into a key.
LONGEST_KEY = 18
# What the address of a list may ask of a field that its filters offer.
ASKED_OF_A_FILTER = frozenset({"exact", "isnull"})


class OnlyItsFilters:
    """Answers a list's address only for the filters that it offers; mixed into ModelAdmin.

    Django allows every field of the model and one step beyond: "the people who handled case 1", or whose stored
    password begins so.
    """

    def lookup_allowed(self, lookup, value, request=None):
        for offered in self.get_list_filter(request):
            name = offered[0] if isinstance(offered, (list, tuple)) else offered
            asked = lookup.removeprefix(f"{name}__") if lookup != name else "exact"
            field = get_fields_from_path(self.model, name)[-1]
            if field.is_relation:
                asked = asked.removeprefix(f"{field.target_field.name}__")
            if asked in ASKED_OF_A_FILTER:
                return True
        return False


class DeskAdmin(OneAtATime, OnlyItsFilters, AdministratorOnly):
    """A page of the administration that says what it is for; mixed into ModelAdmin.

    `explanation` stands above the list and the form, `warnings()` below it.
    """

    explanation: str | Promise = ""
    list_per_page = 100

    def warnings(self) -> list[str]:
        """What the administrator ought to know before changing anything here."""
        return []

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, self._said() | (extra_context or {}))

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        return super().changeform_view(request, object_id, form_url, self._said() | (extra_context or {}))

    def response_action(self, request, queryset):
        """As Django's, which fails where what is ticked is no key of a row: such a one is not ticked."""
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        request.POST = request.POST.copy()
        request.POST.setlist(ACTION_CHECKBOX_NAME, [key for key in ticked if is_key(key)])
        return super().response_action(request, queryset)

    def _said(self) -> dict:
        return {"explanation": self.explanation, "desk_warnings": self.warnings()}

    def get_deleted_objects(self, objs, request):
        """As Django's, unless something in use stands in the way: that is counted, never named.

        Administrators see no complaint by that role, and a team may have a hundred thousand of them.
        """
        protected = in_the_way(list(objs))
        if protected:
            return [str(each) for each in objs], {}, set(), protected
        return super().get_deleted_objects(objs, request)


def is_key(text: str) -> bool:
    """Whether a text is a number that the database can hold as a key."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY


def in_the_way(objs: list[Model]) -> list[str]:
    """Say, kind by kind, how many rows forbid to delete `objs` (of one model): "12 × complaint"."""
    # By model, because a complaint may refer to the same team twice: as its site and as its handlers.
    refers: dict[Any, Q] = {}
    for relation in objs[0]._meta.get_fields(include_hidden=True) if objs else ():
        if isinstance(relation, ForeignObjectRel) and getattr(relation, "on_delete", None) is PROTECT:
            related = relation.related_model
            refers[related] = refers.get(related, Q()) | Q(**{f"{relation.field.name}__in": objs})
    counts = {related: related._base_manager.filter(where).count() for related, where in refers.items()}
    return [
        _("%(count)d × %(kind)s") % {"count": count, "kind": related._meta.verbose_name}
        for related, count in counts.items()
        if count
    ]
