"""Saved views: what the queue shows, kept under a name; one's own, or shared with a team.

Who works in a team may share with it; a supervisor also with every team below. A shared view is seen by everybody
who holds a role in that team or below it, and narrows nothing but what each of them sees anyway.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _, pgettext

from accounts.access import WORKING_ROLES, reach_of
from accounts.models import Membership, Person, Team
from accounts.written import Given, Written
from complaints.errors import GateRefused, Missing, NotAllowedNow, NotPermitted
from complaints.models import SavedView
from complaints.queue.address import Asked, known_names
from complaints.queue.filter_choices import Choices

MOST_OWN = 50
# A team's list stays one that can be looked through.
MOST_SHARED = 30
# Longer ones would not fit into an address.
LONGEST_QUERY = 3000

# What the menu shows of each.
NAMES_OF_OWNER = ("owner__username", "owner__name", "owner__name_zh")
NAMES_OF_TEAM = ("shared_with__name", "shared_with__name_zh")
OF_THE_VIEW = ("id", "owner_id", "name", "query", "shared_with_id")
IN_THE_MENU = (*OF_THE_VIEW, *NAMES_OF_OWNER, *NAMES_OF_TEAM)


def visible_to(person: Person | Given) -> QuerySet[SavedView]:
    """The views that `person` may open, by name, with owner and team: their own, and those shared with them."""
    above = Membership.objects.filter(Q(person=person), team__path__startswith=OuterRef("shared_with__path"))
    shared = Q(shared_with__isnull=False, owner__is_active=True) & Exists(above)
    return SavedView.objects.filter(Q(owner=person) | shared).select_related("owner", "shared_with")


def teams_to_share_with(person: Person) -> frozenset[int]:
    """Ids of the teams that `person` may share with."""
    return reach_of(person).of(*WORKING_ROLES)


def shareable(person: Person, teams: Choices) -> Choices:
    """Those of the `teams` (id as text, label) that `person` may share with."""
    ids = teams_to_share_with(person)
    return [(pk, label) for pk, label in teams if int(pk) in ids]


def unknown_names(view: SavedView) -> list[str]:
    """Names in a view that no filter has any more."""
    return sorted(QueryDict(view.query).keys() - known_names())


@dataclass(frozen=True)
class Menu:
    """The views that a person may open, and the one that the queue shows now; `changed` where it shows more or less.

    `notes` say in sentences what of it is gone.
    """

    own: list[SavedView]
    shared: list[SavedView]
    current: SavedView | None
    changed: bool
    notes: list[str]

    @property
    def is_own(self) -> bool:
        """Whether the present view may be changed by the person."""
        return self.current in self.own


def menu(person: Person, asked: Asked, chosen: str) -> Menu:
    """The menu beside what is `asked`; `chosen` is the id of a view as it stands in the address, or "". One query."""
    views = [_in_the_menu(row) for row in _OF_THE_MENU.rows(person=person.pk)]
    own = [view for view in views if view.owner_id == person.pk]
    shared = [view for view in views if view.owner_id != person.pk]
    current = next((view for view in views if str(view.pk) == chosen), None)
    notes = []
    if chosen and current is None:
        notes.append(_("That saved view is gone, or no longer shared with you. Its filters are used all the same."))
    if current is not None and (unknown := unknown_names(current)):
        notes.append(
            _("“%(view)s” also asks for %(names)s, which the queue does not know any more. That was left out.")
            % {"view": current.name, "names": pgettext("list", ", ").join(unknown)}
        )
    return Menu(own, shared, current, current is not None and current.query != asked.query, notes)


# Every queue asks.
_OF_THE_MENU = Written(lambda: visible_to(Given("person")).values_list(*IN_THE_MENU), planned_once=True)


def _in_the_menu(row: tuple) -> SavedView:
    """A view with what the menu says of it, its owner and the team that it is shared with."""
    # Names in the order of the model's fields, which from_db() expects.
    view = SavedView.from_db(connection.alias, OF_THE_VIEW, row[:5])
    view.owner = Person.from_db(connection.alias, ("id", "username", "name", "name_zh"), (view.owner_id, *row[5:8]))
    team = view.shared_with_id
    if team is not None:
        view.shared_with = Team.from_db(connection.alias, ("id", "name", "name_zh"), (team, *row[8:]))
    return view


def save(person: Person, *, name: str, query: str, team_id: int | None, at: datetime) -> SavedView:
    """Keep `query` (see address.Asked.query) as a view of `person`, shared with the team where one is given.

    Raises GateRefused when the name is taken, too many views exist or the query is too long, and NotPermitted
    when the team is not theirs to share with.
    """
    with transaction.atomic():
        _lock(person)
        own = SavedView.objects.filter(owner=person).count()
        if own >= MOST_OWN:
            raise _refused("name", _("You have %(count)d views already. Delete one first.") % {"count": own})
        view = SavedView(owner=person, saved_at=at)
        _fill(view, name=name, query=query, team_id=team_id)
        view.save(force_insert=True)
    return view


def rename(view: SavedView, *, person: Person, name: str, team_id: int | None, at: datetime):
    """Give a view of one's own another name, and share it with the team or, with None, no longer.

    Raises as save() does, NotPermitted for somebody else's view, and NotAllowedNow for one deleted meanwhile.
    """
    _change(view, person, at, name=name, query=view.query, team_id=team_id)


def replace(view: SavedView, *, person: Person, query: str, at: datetime):
    """Let a view of one's own show `query` from now on. Raises as rename() does."""
    _change(view, person, at, name=view.name, query=query, team_id=view.shared_with_id)


def delete(view: SavedView, *, person: Person):
    """Delete a view of one's own; nothing of it is kept. Raises NotPermitted for somebody else's."""
    _own(view, person)
    view.delete()


def _change(view: SavedView, person: Person, at: datetime, **fields):
    _own(view, person)
    with transaction.atomic():
        _lock(person)
        _fill(view, **fields)
        view.saved_at = at
        written = {name: getattr(view, name) for name in ("name", "query", "shared_with_id", "saved_at")}
        if not SavedView.objects.filter(pk=view.pk).update(**written):
            raise NotAllowedNow(_("This view was deleted meanwhile."))


def _fill(view: SavedView, *, name: str, query: str, team_id: int | None):
    """Set what is given, once it fits."""
    others = SavedView.objects.exclude(pk=view.pk)
    if others.filter(owner=view.owner_id, name=name).exists():
        raise _refused("name", _("You have a view of this name already."))
    if len(query) > LONGEST_QUERY:
        raise _refused("", _("There are too many filters for one view. Choose fewer of them."))
    if team_id is not None and team_id != view.shared_with_id:
        if team_id not in teams_to_share_with(view.owner):
            raise NotPermitted(_("You may share with teams that you work in, and supervise."))
        # Others share with this team at the same moment. The lock comes after that of the person, always.
        Team.objects.select_for_update(no_key=True).get(pk=team_id)
        shared = others.filter(shared_with=team_id).count()
        if shared >= MOST_SHARED:
            raise _refused(
                "shared_with",
                _("This team has %(count)d shared views already, the most it can have.") % {"count": shared},
            )
    view.name, view.query, view.shared_with_id = name, query, team_id


def _lock(person: Person):
    """Let one of the person's windows at a time change their views, so that name and number are true."""
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def _own(view: SavedView, person: Person):
    if view.owner_id != person.pk:
        raise NotPermitted(_("Only who saved this view can change it."))


def _refused(field: str, message: str) -> GateRefused:
    return GateRefused([Missing(field, message)])
