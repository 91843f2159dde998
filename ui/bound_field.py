"""A field of a form as it stands on a page: its layout, its classes, what it shows again."""

from django import forms
from django.forms.boundfield import BoundField

from ui.text_limits import most_read, shown_again

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
    def limit(self) -> int:
        """How many characters the field takes; 0 where it does not say."""
        return getattr(self.field, "limit", None) or getattr(self.field, "max_length", None) or 0

    @property
    def cut_after(self) -> int:
        """How many characters of what was sent stand in the form again; 0 where that is all."""
        sent = self.data if self.form.is_bound else ""
        most = most_read(self.limit)
        return most if isinstance(sent, str) and len(sent) > most else 0

    def value(self):
        """What stands in the input: of a text that nobody can have meant, only the beginning."""
        value = super().value()
        return shown_again(value, self.limit) if self.form.is_bound and isinstance(value, str) else value

    @property
    def marked_optional(self) -> bool:
        """Whether "optional" stands beside the label; a form's `mark_optional` says no (False), or where (names)."""
        marks = getattr(self.form, "mark_optional", True)
        is_marked = marks if isinstance(marks, bool) else self.name in marks
        return is_marked and not self.field.required and self.layout != "check"

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
