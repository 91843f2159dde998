"""Long lists of choices: ordered and in groups, and widgets that write hundreds at once.

Django's own widgets render a template for each choice. A select of more than twelve is searched (combobox.js).
"""

from collections.abc import Iterable

from django import forms
from django.forms.models import ModelChoiceIterator
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join

from accounts.models import Team
from ui.caches import remembered
from ui.ordering import by_label, order_key

OPTION = '<option value="{}"{}>{}</option>'
BOX = ' value="{}"{}><span>{}</span></label>'


def by_first_level(entries: Iterable) -> list:
    """The entries of a catalogue as choices: each first one heads a group of those under it, itself among them."""
    groups: dict[int, tuple] = {}
    for entry in sorted(entries, key=lambda entry: (entry.position, order_key(entry.label))):
        first = entry.parent or entry
        _first, own, below = groups.setdefault(first.pk, (first, [], []))
        (own if first is entry else below).append((entry.pk, entry.label))
    choices: list[tuple] = []
    for first, own, below in sorted(groups.values(), key=lambda group: (group[0].position, order_key(group[0].label))):
        choices += [(first.label, own + below)] if below else own
    return choices


def by_region(teams: Iterable[Team]) -> list:
    """Teams in the order of the tree as choices, under the names of the teams they belong to."""
    regions: dict[str, list[Team]] = {}
    for team in teams:
        regions.setdefault(team.parent.label if team.parent else "", []).append(team)
    return [(region, [(str(team.pk), team.label) for team in by_label(inside)]) for region, inside in regions.items()]


class _InGroups(ModelChoiceIterator):
    def __iter__(self):
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from self.field.groups(self.queryset)


class LabelledChoice(forms.ModelChoiceField):
    """An entry of a catalogue, under the one above it."""

    iterator = _InGroups
    groups = staticmethod(by_first_level)


class SiteChoice(forms.ModelChoiceField):
    """A site, under its region."""

    iterator = _InGroups
    groups = staticmethod(by_region)


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


@remembered(256)
def _written(pattern: str, mark: str, choices: tuple[tuple[str, str], ...], chosen: frozenset[str]):
    """The choices as HTML: mostly the same ones, of which nothing is chosen."""
    return format_html_join("", pattern, ((key, mark if key in chosen else "", label) for key, label in choices))
