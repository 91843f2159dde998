"""What every page of the administration shares: who may open it, what it says, how it refuses to delete."""

from django import forms
from django.db.models import PROTECT, Model, Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.access import has_role
from accounts.forms import time_zone_choices
from accounts.models import Person, Role


def may_administer(person: Person) -> bool:
    """Whether `person` may change the organisation (SPEC, "Roles"): administrators, and superusers."""
    return person.is_active and (person.is_superuser or has_role(person, Role.ADMINISTRATOR))


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


class DeskAdmin(AdministratorOnly):
    """A page of the administration that says what it is for; mixed into ModelAdmin.

    `explanation` stands above the list and the form, `warnings()` below it.
    """

    explanation = ""
    list_per_page = 100

    def warnings(self) -> list[str]:
        """What the administrator ought to know before changing anything here."""
        return []

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, self._said() | (extra_context or {}))

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        return super().changeform_view(request, object_id, form_url, self._said() | (extra_context or {}))

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


def in_the_way(objs: list[Model]) -> list[str]:
    """Say, kind by kind, how many rows forbid to delete `objs` (of one model): "12 × complaint"."""
    # By model, because a complaint may refer to the same team twice: as its site and as its handlers.
    refers: dict[type[Model], Q] = {}
    for relation in objs[0]._meta.get_fields(include_hidden=True) if objs else ():
        if getattr(relation, "on_delete", None) is PROTECT:
            related = relation.related_model
            refers[related] = refers.get(related, Q()) | Q(**{f"{relation.field.name}__in": objs})
    counts = {related: related._base_manager.filter(where).count() for related, where in refers.items()}
    return [
        _("%(count)d × %(kind)s") % {"count": count, "kind": related._meta.verbose_name}
        for related, count in counts.items()
        if count
    ]
