"""The desk on one machine: PostgreSQL and Valkey from wheels, the supervisor of all processes, and
the three commands behind run.py (up, test, manage).

Nothing here imports Django's settings: they need the addresses of servers that are started here.
"""


class CannotStart(Exception):
    """Why the desk cannot start and what to do, in a sentence for the person at the terminal."""
