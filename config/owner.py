"""The two database roles: the owner, who migrates, and the application's, which cannot touch the history.

Rule's source: SECURITY (the history is append-only only if the web role is neither superuser nor owner).
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from psycopg2 import sql


@contextlib.contextmanager
def connected_as(owner: Mapping[str, Any]) -> Iterator[None]:
    """Use the user, password and host of `owner` (a DATABASES entry) on the default connection.

    The database stays the same: a test run has its own.
    """
    before = connection.settings_dict
    swapped = {name: owner.get(name, "") for name in ("USER", "PASSWORD", "HOST", "PORT")}
    connection.close()
    connection.settings_dict = {**before, **swapped, "OPTIONS": dict(owner.get("OPTIONS", {}))}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before


def make_role(name: str, password: str) -> bool:
    """Create the application's role where it is missing; return whether it was created.

    LOGIN and nothing else. Raises DatabaseError when the connected role may not create roles.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        if cursor.fetchone():
            return False
        role = sql.Identifier(name)
        options = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
        secret = sql.SQL(" PASSWORD {}").format(sql.Literal(password)) if password else sql.SQL("")
        cursor.execute(sql.SQL("CREATE ROLE {} {}{}").format(role, options, secret))
        return True


def grant_to(name: str, append_only: Sequence[str]) -> None:
    """Let the role read and write the rows of every table, but only add to the `append_only` ones.

    In one transaction, because the desk may be running. Tables of later migrations are covered by the next run.
    """
    role, schema = sql.Identifier(name), sql.Identifier("public")
    database = sql.Identifier(str(connection.settings_dict["NAME"]))
    statements = [
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, role),
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role),
        sql.SQL("REVOKE CREATE ON SCHEMA {} FROM PUBLIC").format(schema),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {} TO {}").format(schema, role),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}").format(schema, role),
        *(
            sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON TABLE {} FROM {}").format(sql.Identifier(table), role)
            for table in append_only
        ),
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def may_change(tables: Sequence[str]) -> list[str]:
    """Return those of `tables` whose rows the connected role could change, were there no triggers.

    A superuser can do everything and an owner can lift triggers, whatever was revoked; missing tables count as safe.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relname FROM pg_class
            WHERE oid IN (SELECT to_regclass(name) FROM unnest(%s) AS name)
              AND (has_table_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE')
                   OR has_table_privilege(oid, 'TRUNCATE') OR pg_has_role(relowner, 'MEMBER'))
            ORDER BY relname
            """,
            [list(tables)],
        )
        return [row[0] for row in cursor.fetchall()]
