"""How much PostgreSQL thinks, and how much it may remember, before it reads.

A page of one case joins nine tables by their keys. Trying out every order of them takes longer than everything
else the database does for the page, and changes nothing: the order in which Django writes them is right. Nor do
queries that stop after fifty rows gain from being compiled, which takes longer than running them. A search for
the beginning of a word keeps a map of all hits: in 4 MB that of a million cases turns coarse, and three times as many
cases are read as were hit. What is read here and there costs hardly more than what is read in a row (disks without
heads, and most of it is in memory); else fifty rows are looked up by reading a whole table. And helpers for one query
take longer to start than most queries take, on processors that other pages wait for.
"""

from django.db.backends.signals import connection_created

# Up to so many tables every order is tried; of more, this many at a time. PostgreSQL's own limit is 8.
JOINS_TRIED = 4
WORK_MEMORY = "16MB"
# In units of a page that is read in a row; PostgreSQL's own 4 is for turning disks.
COST_OF_A_PAGE_ELSEWHERE = 1.1


def connect():
    """Tell every new connection; called once at start-up."""
    connection_created.connect(limit_planning, dispatch_uid="planning")


def limit_planning(sender, connection, **kwargs):
    """Set the limits for a fresh connection: they hold for its session."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET join_collapse_limit = %s; SET jit = off; SET work_mem = %s; SET random_page_cost = %s;"
            " SET max_parallel_workers_per_gather = 0",
            [JOINS_TRIED, WORK_MEMORY, COST_OF_A_PAGE_ELSEWHERE],
        )
