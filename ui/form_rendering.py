"""How every form field looks: label, hint, error above the input, and the right classes.

`DeskRenderer` is the project's FORM_RENDERER. A field is printed with
`{{ form.name.as_field_group }}`, a whole form with `{{ form }}`; templates are in templates/forms/.
"""

from django import forms
from django.forms.renderers import TemplatesSetting

from ui.bound_field import DeskBoundField
from ui.form_html import written


class SegmentedRadios(forms.RadioSelect):
    """Two to four short choices side by side."""

    layout = "segment"


class ChoiceCards(forms.RadioSelect):
    """Radios with a large target each, for customers and for the telephone."""

    layout = "cards"


class Scale(forms.RadioSelect):
    """One to five, as for satisfaction; choices are (number, words)."""

    layout = "scale"


class DeskRenderer(TemplatesSetting):
    """Renders forms from templates/forms/ with the project's template engine."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = DeskBoundField

    def render(self, template_name, context, request=None):
        html = written(template_name, context)
        return super().render(template_name, context, request) if html is None else html
