"""How much PostgreSQL thinks before it reads.

A page of one case joins nine tables by their keys. Trying out every order of them takes longer than everything
else the database does for the page, and changes nothing: the order in which Django writes them is right. Nor do
queries that stop after fifty rows gain from being compiled, which takes longer than running them.
"""

from django.db.backends.signals import connection_created

# Up to so many tables every order is tried; of more, this many at a time. PostgreSQL's own limit is 8.
JOINS_TRIED = 4


def connect():
    """Tell every new connection; called once at start-up."""
    connection_created.connect(limit_planning, dispatch_uid="planning")


def limit_planning(sender, connection, **kwargs):
    """Set the limits for a fresh connection: they hold for its session."""
    with connection.cursor() as cursor:
        cursor.execute("SET join_collapse_limit = %s; SET jit = off", [JOINS_TRIED])
