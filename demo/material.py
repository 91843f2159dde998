"""What the demo needs before there is a database: the stories, the photos, and the password's hash."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from demo import pictures
from demo.files import read_cases
from demo.people import PASSWORD

# What tells one photo from another: its kind and the figures on it.
Drawn = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Material:
    """The stories, every photo in them (JPEG), and a hash of the one password of all people."""

    stories: list[dict]
    photos: dict[Drawn, bytes]
    password: str


def gather() -> Material:
    """Read, draw and hash it; a second or two of work for which no database is asked."""
    stories = read_cases()
    rows = [
        row
        for story in stories
        for line in story.get("then", ())
        for sentence, what in line.items()
        if sentence.endswith(" adds")
        for row in what
    ]
    photos = {drawn(row): pictures.draw(row["picture"], row.get("figures", [])) for row in rows}
    # One for all of them: Argon2 is slow on purpose, and everybody knows the password anyway.
    return Material(stories, photos, make_password(PASSWORD))


def drawn(row: dict) -> Drawn:
    """The key of the photo that a line of a story adds."""
    return row["picture"], tuple(row.get("figures", []))
