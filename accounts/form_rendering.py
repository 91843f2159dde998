"""How every form field looks: label, hint, error above the input, and the right classes.

`DeskRenderer` is the project's FORM_RENDERER. A field is printed with
`{{ form.name.as_field_group }}`, a whole form with `{{ form }}`; templates are in templates/forms/.
"""

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting


class SegmentedRadios(forms.RadioSelect):
    """Two to four short choices side by side."""

    layout = "segment"


class ChoiceCards(forms.RadioSelect):
    """Radios with a large target each, for customers and for the telephone."""

    layout = "cards"


class Scale(forms.RadioSelect):
    """One to five, as for satisfaction; choices are (number, words)."""

    layout = "scale"


# The first match counts: subclasses stand before their parents.
LAYOUTS = (
    (forms.CheckboxSelectMultiple, "checks"),
    (forms.RadioSelect, "checks"),
    (forms.CheckboxInput, "check"),
)
# Radios drawn by the span after them carry no class of their own.
CLASSES = {"check": "form-check-input", "checks": "form-check-input", "cards": "form-check-input"}


class DeskBoundField(BoundField):
    """A bound field that knows its layout and gives its input Bootstrap's classes."""

    @property
    def layout(self) -> str:
        """Which template draws the input: input, check, checks, segment, cards or scale."""
        widget = self.field.widget
        layout = getattr(widget, "layout", None)
        return layout or next((name for kind, name in LAYOUTS if isinstance(widget, kind)), "input")

    @property
    def marked_optional(self) -> bool:
        """Whether "optional" stands beside the label; a form with `mark_optional = False` never says it."""
        return not self.field.required and self.layout != "check" and getattr(self.form, "mark_optional", True)

    @property
    def focus_id(self) -> str:
        """The id that a link of the error summary leads to: the input, or the first of a group."""
        return self.id_for_label or f"{self.auto_id}_0"

    def build_widget_attrs(self, attrs, widget=None):
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        if widget.is_hidden:
            return attrs
        select = isinstance(widget, forms.Select) and self.layout == "input"
        css = "form-select" if select else CLASSES.get(self.layout, "form-control" if self.layout == "input" else "")
        classes = [widget.attrs.get("class"), attrs.get("class"), css, "is-invalid" if self.errors else ""]
        if any(classes):
            attrs["class"] = " ".join(filter(None, classes))
        if isinstance(widget, forms.RadioSelect):
            # A single radio cannot be invalid; the error describes their fieldset.
            attrs.pop("aria-invalid", None)
        return attrs


class DeskRenderer(TemplatesSetting):
    """Renders forms from templates/forms/ with the project's template engine."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = DeskBoundField
