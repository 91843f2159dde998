"""The people who work with the desk, and the roles they hold."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm, UserChangeForm
from django.db.models import DateTimeField
from django.utils.translation import gettext_lazy as _, pgettext

from accounts.admin.base import AdministratorOnly, ChoosesTimeZone, DeskAdmin
from accounts.admin.teams import ChoosesTeam
from accounts.models import Absence, Membership, Person, Role
from accounts.moments import MomentField, MomentInput


class Unmistakable(forms.ModelForm):
    """Says beside the field when a user name or an address is somebody else's, in any case of letters."""

    def clean_username(self):
        return self._free("username", _("This user name is taken."))

    def clean_email(self):
        return self._free("email", _("This e-mail address belongs to somebody else."))

    def _free(self, name, message):
        value = self.cleaned_data[name]
        if value and Person.objects.with_same(name, value).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(message)
        return value


class NewPersonForm(Unmistakable, BaseUserCreationForm):
    class Meta(BaseUserCreationForm.Meta):  # type: ignore[name-defined]  # the stubs know none
        model = Person
        fields = ["username", "name", "name_zh", "email", "language", "time_zone"]


class PersonForm(Unmistakable, UserChangeForm):
    class Meta(UserChangeForm.Meta):  # type: ignore[name-defined]  # the stubs know none
        model = Person


class NewPasswordForm(AdminPasswordChangeForm):
    """Sets a password; taking it away is no choice here, because people sign in in no other way."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for field in self.fields.values():
            field.required = True


class MembershipInline(ChoosesTeam, AdministratorOnly, admin.TabularInline):
    model = Membership
    extra = 1
    verbose_name_plural = _("roles, each in a team")


class AbsenceInline(AdministratorOnly, admin.TabularInline):
    model = Absence
    fk_name = "person"
    extra = 0
    formfield_overrides = {DateTimeField: {"form_class": MomentField, "widget": MomentInput}}


@admin.register(Person)
class PersonAdmin(ChoosesTimeZone, DeskAdmin, UserAdmin):
    explanation = _(
        "Everybody who signs in, with the roles they hold: frontline and handlers for one team, supervisors, "
        "reviewers and auditors for a team and all below it. Administrators open these pages and see no "
        "complaint by that role. People are never deleted, because the history names them: take the tick from "
        "“active”, and they cannot sign in any more."
    )
    form = PersonForm
    add_form = NewPersonForm
    add_form_template = None
    change_password_form = NewPasswordForm
    inlines = [MembershipInline, AbsenceInline]
    list_display = ["name", "name_zh", "username", "roles", "language", "is_active"]
    list_filter = ["is_active", "memberships__role", "memberships__team", "language"]
    search_fields = ["name", "name_zh", "username", "email"]
    ordering = ["name"]
    filter_horizontal = []
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password", "name", "name_zh", "email"]}),
        (_("Language and time"), {"fields": ["language", "time_zone"]}),
        (_("Access"), {"fields": ["is_active", "last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "name", "name_zh", "email"]}),
        (_("Language and time"), {"fields": ["language", "time_zone"]}),
        (
            _("Password"),
            {
                "fields": ["password1", "password2"],
                "description": _("A first one, to be told in person; everybody changes it under their own name."),
            },
        ),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("memberships__team")

    @admin.display(description=_("roles"))
    def roles(self, person):
        """Every role with its team, as it is read aloud."""
        held = (f"{membership.get_role_display()} · {membership.team}" for membership in person.memberships.all())
        return pgettext("list", ", ").join(held)

    def save_related(self, request, form, formsets, change):
        """Administrators, and nobody else, may open these pages: is_staff follows from the role."""
        super().save_related(request, form, formsets, change)
        person = form.instance
        administers = person.memberships.filter(role=Role.ADMINISTRATOR).exists()
        person.is_staff = person.is_superuser or administers
        person.save(update_fields=["is_staff"])

    def has_change_permission(self, request, obj=None):
        """Only a superuser changes a superuser: whoever sets a password can sign in with it."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False
