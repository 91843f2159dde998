"""Two administrators at once, or one form sent twice: whoever comes second is told so, and nothing breaks.

Forms check before they write. Here every change takes the lock of the organisation before its form looks, so that
what the form found is still true when it writes. What the database refuses all the same (rules that no form knows,
writers outside these pages) is said in the form, with everything typed.
"""

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import BaseConstraint, F, UniqueConstraint
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from accounts import organisation
from accounts.access import may_administer, refuse_without_administrator
from accounts.models import Person
from accounts.requests import DeskRequest

# What PostgreSQL calls a row that is there already (unique_violation).
UNIQUE = "23505"


class RefusedForm:
    """A form that says what the database answered when it was saved; mixed into the page's own form."""

    refusal: ValidationError

    def _post_clean(self):
        super()._post_clean()
        # What the form finds by itself, now that the other one is stored, stands at the better place.
        if not self.errors:
            for field, said in ValidationError(self.refusal).update_error_dict({}).items():
                self.add_error(field if field in self.fields else None, said)


class OneAtATime:
    """Lets one administrator at a time change something; mixed into ModelAdmin.

    A change that leaves nobody to administer the desk is refused as well, wherever it comes from.
    """

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (IntegrityError, ValidationError) as refusal:
            # Everything was rolled back. Once more, with a form that refuses and keeps what was typed.
            request.refusal = in_words(refusal)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return form if refusal is None else type(form.__name__, (RefusedForm, form), {"refusal": refusal})

    def _changeform_view(self, request, object_id, form_url, extra_context):
        return self._alone(request, super()._changeform_view, request, object_id, form_url, extra_context)

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except (IntegrityError, ValidationError) as refusal:
            return _back(request, refusal)

    def _delete_view(self, request, object_id, extra_context):
        return self._alone(request, super()._delete_view, request, object_id, extra_context)

    def changelist_view(self, request, extra_context=None):
        """Rows changed in the list, and rows deleted together."""
        try:
            with transaction.atomic():
                return self._alone(request, super().changelist_view, request, extra_context)
        except (IntegrityError, ValidationError) as refusal:
            return _back(request, refusal)

    def _alone(self, request, view, *args) -> HttpResponse:
        """Answer with `view`; a POST while nobody else changes the organisation."""
        if request.method != "POST":
            return view(*args)
        organisation.lock()
        _ask_again_who(request)
        response = view(*args)
        # References are checked at the end of a transaction: too late for an answer in words.
        connection.check_constraints()
        refuse_without_administrator()
        return response


def _ask_again_who(request: DeskRequest):
    """Raises PermissionDenied when the role was taken away while the person waited for their turn."""
    if not may_administer(Person.objects.get(pk=request.user.pk)):
        raise PermissionDenied


def _back(request: HttpRequest, refusal: IntegrityError | ValidationError) -> HttpResponse:
    for message in in_words(refusal).messages:
        messages.error(request, message)
    return HttpResponseRedirect(request.get_full_path())


def in_words(refusal: IntegrityError | ValidationError) -> ValidationError:
    """Say what the database refused, at the field where its constraint names one."""
    if isinstance(refusal, ValidationError):
        return refusal
    cause = refusal.__cause__
    constraint = _constraint(getattr(getattr(cause, "diag", None), "constraint_name", None))
    if constraint is not None and constraint.violation_error_message != BaseConstraint.default_violation_error_message:
        return ValidationError({_field(constraint): constraint.get_violation_error_message()})
    if getattr(cause, "pgcode", None) == UNIQUE:
        return ValidationError({_field(constraint): _("This is here already: somebody saved the same meanwhile.")})
    return ValidationError(_("That does not fit what was stored meanwhile. Look at it again before you go on."))


def _constraint(name: str | None) -> BaseConstraint | None:
    every = (constraint for model in apps.get_models() for constraint in model._meta.constraints)
    return next((constraint for constraint in every if constraint.name == name), None)


def _field(constraint: BaseConstraint | None) -> str:
    """The field that a message belongs to: of several the last one, which tells a row from those beside it."""
    if not isinstance(constraint, UniqueConstraint):
        return NON_FIELD_ERRORS
    return (*constraint.fields, *(name for each in constraint.expressions for name in _names(each)))[-1]


def _names(expression) -> list[str]:
    if isinstance(expression, F):
        return [expression.name]
    return [name for part in expression.get_source_expressions() for name in _names(part)]
