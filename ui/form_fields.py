"""A field of a form by its type: `form.fields` knows only that it is some field."""

from typing import Any, TypeVar

from django.forms import BaseForm, ChoiceField, Field

Kind = TypeVar("Kind", bound=Field)


def field_of(form: BaseForm, name: str, kind: type[Kind]) -> Kind:
    """The field `name` of `form`, which is a `kind`. Raises TypeError when the form says otherwise."""
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{type(form).__name__}.{name} is a {type(field).__name__}, not a {kind.__name__}")
    return field


def choices_of(form: BaseForm, name: str) -> list[tuple[Any, Any]]:
    """What the field `name` offers: (value, label), or (name of a group, its choices)."""
    # The stubs also know what it may be set to, and that is no list.
    offered: Any = field_of(form, name, ChoiceField).choices
    return list(offered)
