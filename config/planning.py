"""How much PostgreSQL thinks before it reads.

A page of one case joins nine tables by their keys. Trying out every order of them takes longer than everything
else the database does for the page, and changes nothing: the order in which Django writes them is right.
"""

from django.db.backends.signals import connection_created

# Up to so many tables every order is tried; of more, this many at a time. PostgreSQL's own limit is 8.
JOINS_TRIED = 4


def connect():
    """Tell every new connection; called once at start-up."""
    connection_created.connect(limit_planning, dispatch_uid="planning")


def limit_planning(sender, connection, **kwargs):
    """Set the limit for a fresh connection (its session, no transaction)."""
    with connection.cursor() as cursor:
        cursor.execute("SET join_collapse_limit = %s", [JOINS_TRIED])
