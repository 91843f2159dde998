from django.db import connection

from config.planning import JOINS_TRIED


def test_every_connection_is_told_how_long_to_plan(db):
    with connection.cursor() as cursor:
        cursor.execute("SHOW join_collapse_limit")
        assert cursor.fetchone() == (str(JOINS_TRIED),)


def test_no_connection_compiles_its_queries(db):
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
