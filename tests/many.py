"""A desk of tens of thousands of cases, made in seconds: copies of a few, with all their rows."""

from django.apps import apps
from django.db import connection

from complaints.models import Complaint, SearchDocument
from followups.models import Notice, Promise

# Of these every case has a copy; of its other rows every fifth case has, which is enough to see how they are found.
WHOLE, EVERY = (Complaint, SearchDocument, Promise, Notice), 5

# What must differ in each copy, or must point at nothing. {k}: the number of the copy, in SQL.
OWN = {
    "reference": "'M-' || {k}",
    "token_hash": "encode(sha256({k}::text::bytea), 'hex')",
    "submission_key": "NULL",
    "customer_id": "{base} + {k}",
    "next_due_at": "{at} + {k} % 1000 * interval '1 hour'",
    "due_at": "{at} + (1 + {k} % 1000) * interval '1 hour'",
    "warn_at": "{at} + (1 + {k} % 1000) * interval '59 minutes'",
    "sign_by": "{at} + (1 + {k} % 1000) * interval '1 hour'",
    "next_at": "{at} + (1 + {k} % 1000) * interval '1 hour'",
    # Nobody looks at a case in which nothing can be stuck: NULL stays NULL.
    "stuck_check_at": "stuck_check_at - stuck_check_at + {at} + (1 + {k} % 1000) * interval '1 hour'",
    "received_at": "{at} - {k} % 700 * interval '1 day'",
    "key": "key || ':' || {k}",
    "promise_id": "NULL",
    "message_id": "NULL",
    # The words of a case are found in one copy of fifty, a single word as long in the others; each has its own block.
    "tokens": "CASE WHEN {k} % 50 = 0 THEN tokens ELSE repeat('x', 1500)::tsvector END"
    " || ('''@b' || ({first} + {k}) / 4096 || '''')::tsvector",
    "begins": "CASE WHEN {k} % 50 = 0 THEN begins ELSE '' END",
    # Nobody is mailed about copies, and what was told was seen.
    "followups_notice.state": "'sent'",
    "followups_notice.created_at": "{at} - {k} % 700 * interval '1 day'",
    "followups_notice.seen_at": "{at} - {k} % 700 * interval '1 day'",
}
CUSTOMERS = """
INSERT INTO complaints_customer (id, name, title, phone, phone_key, email, language, call_hours, created_at)
SELECT {base} + k, 'Customer ' || k, '', '139' || k, '+86139' || lpad(k::text, 8, '0'), 'c' || k || '@mail.example',
    'en', '', {at}
FROM generate_series(1, {many}) AS k
"""


def multiply(cases: list[Complaint], *, many: int, at) -> set[str]:
    """Store `many` copies of the `cases` by turns, each of a customer of its own, as they stand at `at` (aware).

    Returns the tables that hold at least a tenth as many rows now. Keys are not looked up: the rows fit.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        base = _greatest(cursor, "complaints_customer") + 1
        said = {"base": base, "many": many, "at": f"'{at.isoformat()}'::timestamptz"}
        cursor.execute(CUSTOMERS.format(**said))
        first = _greatest(cursor, Complaint._meta.db_table) + 1
        models = [Complaint, *(model for model in apps.get_models(include_auto_created=True) if _belongs(model))]
        for model in models:
            _copy(cursor, model, [case.pk for case in cases], {**said, "first": first, "turns": len(cases)})
        cursor.execute("SET session_replication_role = DEFAULT")
        for model in models:
            _renumber(cursor, model)
            cursor.execute(f"ANALYZE {model._meta.db_table}")
        cursor.execute("ANALYZE complaints_customer")
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= %s", [many / 10])
        return {name for (name,) in cursor.fetchall()}


def _belongs(model) -> bool:
    """Whether the rows of a model are parts of a complaint."""
    return any(field.column == "complaint_id" for field in model._meta.local_fields)


def _copy(cursor, model, cases: list[int], said: dict):
    """Copy the newest row that a model holds of each case, by turns, once for every copy of the case."""
    meta = model._meta
    columns = [field.column for field in meta.local_fields if not field.generated]
    own = {name: OWN.get(f"{meta.db_table}.{name}", OWN.get(name)) for name in columns}
    values = {name: text.format(k="k", **said) for name, text in own.items() if text}
    case = "id" if model is Complaint else "complaint_id"
    values[case] = f"{said['first']} + k"
    if meta.pk.column != case:
        columns.remove(meta.pk.column)
    listed = ", ".join(f'"{name}"' for name in columns)
    taken = ", ".join(values.get(name, f'it."{name}"') for name in columns)
    ids = ", ".join(map(str, cases))
    step = 1 if model in WHOLE else EVERY
    cursor.execute(
        f'INSERT INTO "{meta.db_table}" ({listed}) SELECT {taken} FROM ('
        f' SELECT DISTINCT ON ("{case}") * FROM "{meta.db_table}" WHERE "{case}" IN ({ids})'
        f' ORDER BY "{case}", "{meta.pk.column}" DESC'
        f") AS it JOIN generate_series(0, {said['many']}) AS k"
        f' ON k % {said["turns"]} = array_position(ARRAY[{ids}]::bigint[], it."{case}") - 1'
        f" AND k / {said['turns']} % {step} = 0 ORDER BY k"
    )


def _greatest(cursor, table: str) -> int:
    cursor.execute(f'SELECT coalesce(max(id), 0) FROM "{table}"')
    return cursor.fetchone()[0]


def _renumber(cursor, model):
    """Let the next row of a model that was stored with its number not meet one of the copies."""
    if model is Complaint:
        for table in (Complaint._meta.db_table, "complaints_customer"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {_greatest(cursor, table)})")
