"""The fields of the filter sheet as HTML: hundreds of boxes, mostly the same ones, of which none is ticked."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from complaints.queue.filters import ComplaintFilter

TEMPLATE = "complaints/queue/_sheet_fields.html"
MOST_KEPT = 64
# The fields as long as nothing is filtered, by language and all there is to choose: whoever is offered something
# else, or by another name, has other fields. Nothing in them is anybody's own.
_untouched: dict[tuple, SafeString] = {}


def fields_of(filtered: ComplaintFilter) -> SafeString:
    """The fields of `filtered` but for the search, in the active language."""
    if set(filtered.named) - {"q"}:
        return _written(filtered)
    offered = filtered.filter_choices
    lists = (offered.sites, offered.teams, offered.categories, offered.handlers)
    key = (get_language(), *map(tuple, lists))
    fields = _untouched.get(key)
    if fields is None:
        if len(_untouched) >= MOST_KEPT:
            _untouched.clear()
        fields = _untouched[key] = _written(filtered)
    return fields


def _written(filtered: ComplaintFilter) -> SafeString:
    return render_to_string(TEMPLATE, {"form": filtered.form})
