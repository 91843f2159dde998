"""What the address of the queue asks for: a view, filters, an order. A saved view is such an address with a name."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _

from accounts.models import Person
from complaints.db.keyset_paging import Order
from complaints.models import Complaint
from complaints.queue.filters import ComplaintFilter
from complaints.queue.worklists import (
    ORDER_LABELS,
    ORDERS,
    Worklist,
    best_order,
    first_worklist,
    worklists_of,
)
from ui.text_limits import RequestRefused

BEST = "best"
# The address without the name of a saved view and the place in its pages.
VIEW, SORT = "view", "sort"
# No server takes a longer one.
LONGEST_ADDRESS = 8_190


@dataclass
class Asked:
    """An address understood. `notes` say in sentences what of it made no sense and was left out."""

    worklist: Worklist
    filter: ComplaintFilter
    order: Order
    # The orders to choose from, by name.
    orders: Mapping[str, LazyText | str]
    notes: list[str]

    @property
    def order_label(self) -> LazyText | str:
        return self.orders[self.order.name]

    @property
    def query(self) -> str:
        """What is shown, as a query string: the same for the same view, whatever way it was asked for."""
        said = QueryDict(mutable=True)
        said[VIEW], said[SORT] = self.worklist.key, self.order.name
        for name, value in self.filter.used.items():
            said.setlist(name, sorted(value) if isinstance(value, list) else [str(value)])
        return said.urlencode()


def address_in(request: HttpRequest, name: str) -> QueryDict:
    """The address of the queue that a form sends in the field `name`. Raises RequestRefused for one that is none."""
    sent = request.POST.get(name, "")
    if len(sent) > LONGEST_ADDRESS:
        raise RequestRefused(_("Those are too many filters at once. Nothing was done; choose fewer of them."), 413)
    return QueryDict(sent.removeprefix("?"))


def read(address: QueryDict, person: Person) -> Asked:
    """Understand an address for `person`, who filters among the complaints they see: one query.

    Never raises: what makes no sense is replaced by the usual and said in `notes`.
    """
    filtered = ComplaintFilter(address, Complaint.objects.visible_to(person), person=person)
    # Reading the rows understands the search.
    filtered.qs  # noqa: B018 - it remembers them
    notes = list(filtered.refused)
    # A search looks everywhere unless a view is named with it, and shows the best first.
    views = worklists_of(person)
    usual = "all" if address.get("q") else first_worklist(person)
    worklist = views[_chosen(address, VIEW, views, usual, notes)]
    orders: Mapping[str, LazyText | str] = {BEST: _("Best hits"), **ORDER_LABELS} if filtered.query else ORDER_LABELS
    name = "promise"
    # Whoever takes the search away keeps the address, in which its order may stand.
    if filtered.query or address.get(SORT) != BEST:
        name = _chosen(address, SORT, orders, BEST if filtered.query else "promise", notes)
    order = best_order(filtered.query) if name == BEST and filtered.query else ORDERS[name]
    return Asked(worklist, filtered, order, orders, notes)


def known_names() -> set[str]:
    """Every name that an address of the queue may hold, but for those of a saved view and of pages."""
    return {VIEW, SORT, *ComplaintFilter.base_filters}


def _chosen(address: QueryDict, name: str, known: Mapping, default: str, notes: list[str]) -> str:
    """The value of a parameter that names one of a few things; an unknown one is said and replaced."""
    value = address.get(name, default)
    if value in known:
        return value
    notes.append(_("There is no view or order of that name; this is the usual one."))
    return default
