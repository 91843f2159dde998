"""Widgets for hundreds of choices, written at once: Django's own render a template for each."""

from functools import lru_cache

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join

OPTION = '<option value="{}"{}>{}</option>'
BOX = ' value="{}"{}><span>{}</span></label>'


class LongSelect(forms.Select):
    """A select of one among very many."""

    def render(self, name, value, attrs=None, renderer=None):
        options = _written(OPTION, " selected", _plain(self.choices), frozenset(self.format_value(value)))
        return format_html(
            '<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options
        )


class PickList(forms.SelectMultiple):
    """Boxes to tick; the ticked ones stand first, so that they are seen at once."""

    use_fieldset = True
    layout = "picks"

    def render(self, name, value, attrs=None, renderer=None):
        chosen = frozenset(self.format_value(value))
        begin = format_html('<label class="pick"><input class="form-check-input" type="checkbox" name="{}"', name)
        choices = _plain(self.choices)
        if chosen:
            choices = tuple(sorted(choices, key=lambda choice: choice[0] not in chosen))
        return _written(begin + BOX, " checked", choices, chosen)


def _plain(choices) -> tuple[tuple[str, str], ...]:
    """The choices in the language of the page."""
    return tuple((str(key), str(label)) for key, label in choices)


@lru_cache(maxsize=256)
def _written(pattern: str, mark: str, choices: tuple[tuple[str, str], ...], chosen: frozenset[str]):
    """The choices as HTML: mostly the same ones, of which nothing is chosen."""
    return format_html_join("", pattern, ((key, mark if key in chosen else "", label) for key, label in choices))
