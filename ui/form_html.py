"""Inputs and fields as HTML, without a template for each: a page has dozens, and a template takes five times as long.

`DeskRenderer` asks here first. Of Django's own widgets the HTML is that of Django's templates, which tests compare;
without this module its templates are used again, and `forms/field.html` would have to be written as one.
"""

from collections.abc import Callable
from html import escape

from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from ui.bound_field import DeskBoundField

INPUTS = ("text", "search", "number", "email", "url", "tel", "password", "hidden", "date", "datetime", "time", "file")
OPTIONS = ("radio", "checkbox")


def written(template_name: str, context: dict) -> str | None:
    """What the template would give; None where it is not written here."""
    write = WRITERS.get(template_name)
    return write(context) if write else None


def _text(value: object) -> str:
    """A value as HTML: what is HTML already stays, everything else is escaped."""
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))


def _attributes(attrs: dict) -> str:
    parts = []
    for name, value in attrs.items():
        if value is True:
            parts.append(f" {_text(name)}")
        elif value is not False:
            parts.append(f' {_text(name)}="{_text(value)}"')
    return "".join(parts)


# Django's widgets -------------------------------------------------------------------------------


def _input(context: dict) -> str:
    widget = context["widget"]
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{_text(widget["name"])}"{value}{_attributes(widget["attrs"])}>'


def _labelled_input(context: dict) -> str:
    """One of several to choose from, in its label where the widget wants that."""
    widget = context["widget"]
    if not widget.get("wrap_label"):
        return _input(context)
    its = f' for="{_text(widget["attrs"]["id"])}"' if widget["attrs"].get("id") else ""
    return f"<label{its}>{_input(context)} {_text(widget['label'])}</label>"


def _textarea(context: dict) -> str:
    widget = context["widget"]
    text = _text(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_text(widget["name"])}"{_attributes(widget["attrs"])}>\n{text}</textarea>'


def _option(context: dict) -> str:
    widget = context["widget"]
    return f'<option value="{_text(widget["value"])}"{_attributes(widget["attrs"])}>{_text(widget["label"])}</option>'


def _select(context: dict) -> str:
    widget = context["widget"]
    parts = [f'<select name="{_text(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{_text(group)}">')
        parts += [f"\n  {_option({'widget': option})}" for option in options]
        if group:
            parts.append("\n  </optgroup>")
    return "".join([*parts, "\n</select>"])


def _moment(context: dict) -> str | None:
    """A date with its time; an hour that comes twice is asked by the template."""
    return None if context["widget"].get("both") else _input(context)


# A whole field ------------------------------------------------------------------------------------


def _field(context: dict) -> str:
    """Label, hint, error and input of a field, as they stand everywhere."""
    field: DeskBoundField = context["field"]
    if field.is_hidden:
        return str(field)
    layout = field.layout
    error = render_to_string("forms/_error.html", {"field": field}) if field.errors else ""
    if layout == "check":
        said = f' <span class="muted d-block" id="{_hint_id(field)}">{_text(field.help_text)}</span>'
        label = f"{_text(field.label)}{said if field.help_text else ''}"
        box = f'{field}<label class="form-check-label" for="{_text(field.id_for_label)}">{label}</label>'
        return f'<div class="field">\n  {error}\n  <div class="form-check">{box}</div>\n</div>'
    label = _text(field.label)
    if field.marked_optional:
        label += f' <span class="optional">{_text(_("optional"))}</span>'
    hint = ""
    if field.help_text:
        hint = f'<div class="form-text" id="{_hint_id(field)}">{_text(field.help_text)}</div>'
    above = f"{hint}\n  {error}" if error else hint
    if not field.use_fieldset:
        label = f'<label class="form-label" for="{_text(field.id_for_label)}">{label}</label>'
        return f'<div class="field">\n  {label}\n  {above}\n  {field}\n</div>'
    described = f' aria-describedby="{_text(field.aria_describedby)}"' if field.aria_describedby else ""
    legend = f'<legend class="form-label">{label}</legend>'
    inputs = str(field) if layout == "input" else render_to_string("forms/_choices.html", {"field": field})
    return f'<fieldset class="field"{described}>\n  {legend}\n  {above}\n  {inputs}\n</fieldset>'


def _hint_id(field: BoundField) -> str:
    return _text(f"{field.auto_id}_helptext")


WRITERS: dict[str, Callable[[dict], str | None]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in (*INPUTS, "checkbox")},
    **{f"django/forms/widgets/{name}_option.html": _labelled_input for name in OPTIONS},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/select_option.html": _option,
    "forms/moment.html": _moment,
    "forms/field.html": _field,
}
