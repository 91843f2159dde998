"""What happens to people and teams while cases stand: absences, leaving, lost roles, closed teams."""

from accounts import absences
from accounts.models import Absence, Membership, Person, Team
from followups.reactions import leaving
from tests.cast import PEOPLE
from tests.followups.walking import DAY, HOUR, Walk, verb

MAY_GO = ["frontline", "handler", "colleague", "supervisor", "director", "reviewer"]


@verb(weight=2)
def absence_begins(walk: Walk):
    person = walk.person(walk.draw.choice(MAY_GO))
    deputy = walk.draw.choice([None, walk.person("colleague"), walk.person("director")])
    ends_at = walk.at + DAY + walk.draw.random() * 20 * DAY
    deputy = None if deputy == person else deputy
    absences.enter(person, begins_at=walk.at - HOUR, ends_at=ends_at, deputy=deputy)


@verb(weight=3)
def absence_ends(walk: Walk):
    absences.end(walk.one_of(Absence.objects.filter(ends_at__gt=walk.at)), walk.at)


@verb(weight=1)
def switched_off(walk: Walk):
    person = walk.one_of(
        Person.objects.filter(is_active=True, pk__in=[getattr(walk.cast, name).pk for name in MAY_GO])
    )
    person.is_active = False
    person.save(update_fields=["is_active"])
    left(walk, person)


@verb(weight=6)
def switched_on(walk: Walk):
    gone = walk.one_of(Person.objects.filter(is_active=False))
    gone.is_active = True
    gone.save(update_fields=["is_active"])
    walk.forget_people()


@verb(weight=1)
def role_lost(walk: Walk):
    name = walk.draw.choice(MAY_GO)
    held = walk.one_of(Membership.objects.filter(person=walk.person(name), role=PEOPLE[name][2]))
    person = held.person
    held.delete()
    left(walk, person)


@verb(weight=4)
def role_given(walk: Walk):
    """Whoever lost a role gets it back."""
    lost = [name for name in MAY_GO if not Membership.objects.filter(person=walk.person(name)).exists()]
    name = walk.one_of(lost)
    _username, _name, role, team = PEOPLE[name]
    Membership.objects.create(person=walk.person(name), role=role, team=getattr(walk.cast, team))
    walk.forget_people()


@verb(weight=1)
def team_closed(walk: Walk):
    team = walk.one_of(
        Team.objects.filter(active=True, pk__in=[walk.cast.hexi.pk, walk.cast.weiyang.pk, walk.cast.west.pk])
    )
    team.active = False
    team.save()
    leaving.team_closed(walk.at)
    walk.forget_people()


@verb(weight=6)
def team_opened(walk: Walk):
    team = walk.one_of(Team.objects.filter(active=False))
    team.active = True
    team.save()
    walk.forget_people()


def left(walk: Walk, person: Person):
    """What follows when it is committed, at once; roles are read anew."""
    walk.forget_people()
    leaving.left_somewhere(person.pk, walk.at)
