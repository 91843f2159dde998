"""The people of the demo: who they are, what they may do, and how a visitor signs in as one of them."""

import unicodedata

from accounts.models import Membership, Person, Role, Team
from demo.files import read

PASSWORD = "desk-demo-2026"  # noqa: S105 - printed at every start of the demo


def build(teams: dict[str, Team], password: str) -> dict[str, Person]:
    """Make the people who are missing, with their roles, and return all by user name; `password` is its hash."""
    rows = read("people")
    known = {person.username: person for person in Person.objects.filter(username__in=[row["user"] for row in rows])}
    for row in rows:
        if row["user"] not in known:
            known[row["user"]] = _person(row, password, teams)
    return known


def _person(row: dict, password: str, teams: dict[str, Team]) -> Person:
    roles = [role.split() for role in row["roles"]]
    person = Person.objects.create(
        username=row["user"],
        password=password,
        name=row["name"],
        name_zh=row["name_zh"],
        email=f"{row['user']}@demo.example",
        language=row["language"],
        is_staff=any(role == Role.ADMINISTRATOR for role, _team in roles),
    )
    Membership.objects.bulk_create(Membership(person=person, role=role, team=teams[team]) for role, team in roles)
    return person


def sign_ins() -> str:
    """A table for people: user name, roles, name, language and the password; "" when the demo is not loaded."""
    people = {person.username: person for person in Person.objects.prefetch_related("memberships__team")}
    rows = [
        (person.username, _roles(person), f"{person.name} {person.name_zh}", person.language)
        for person in (people.get(row["user"]) for row in read("people"))
        if person is not None
    ]
    if not rows:
        return ""
    lines = _table([("User name", "Role and team", "Name", "Language"), *rows])
    return "\n".join([f"Demo sign-ins (password of all: {PASSWORD})", "", *lines, ""])


def _roles(person: Person) -> str:
    return "; ".join(f"{membership.role}, {membership.team.name}" for membership in person.memberships.all())


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    """Columns on a terminal, where Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
