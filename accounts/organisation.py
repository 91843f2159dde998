"""Changing the organisation: one at a time.

What is checked before writing (where a team may stand, whether a name is free, who may still administer) is only
true while nobody else writes. Everybody who changes teams, people's roles, calendars, catalogues or policies takes
this lock first: the administration for every form, models with rules between rows in their own save().
"""

import unicodedata

from django.db import connection

# Any number that nothing else locks; the trigger of migration 0005 takes the same one.
LOCK = 5_390_717


def lock():
    """Wait until nobody else changes the organisation, and keep others out until this transaction ends.

    Call it inside a transaction, before the first look at what is to be changed. Taking it twice is harmless.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def same_name(name: str) -> str:
    """What two names have in common that people take for the same one: case, width and spaces do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
