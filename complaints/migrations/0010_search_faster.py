import re

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations

# What the search counted as Chinese, as letters, and as a beginning when this was written.
CJK = re.compile(
    "[\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0002fa1f\U00030000-\U000323af]"
)
LETTERS = re.compile(r"[^\W\d_]+")
SHORTEST_BEGINNING, LONGEST_BEGINNING = 2, 12
AT_ONCE = 2000
# The ids that shared a block when this was written.
BLOCK = 4096
# Moved out of the row where it grows large, and not compressed first: the row itself is read far more often.
STORAGE = "ALTER TABLE complaints_searchdocument ALTER COLUMN begins SET STORAGE EXTERNAL"
NEXT = """
SELECT complaint_id, tsvector_to_array(tokens) FROM complaints_searchdocument
WHERE complaint_id > %s ORDER BY complaint_id LIMIT %s
"""
UPDATE = """
UPDATE complaints_searchdocument AS document
SET tokens = tokens || (quote_literal(new.block) || ':1')::tsvector, begins = new.begins::tsvector
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (id, block, begins)
WHERE complaint_id = new.id
"""


def begins_of(tokens):
    """A tsvector literal of how the tokens begin: "invoice" with "in", "inv", …, Chinese with its first sign."""
    found = set()
    for token in tokens:
        if CJK.match(token):
            found.add(token[0])
        elif letters := LETTERS.match(token):
            last = min(letters.end(), LONGEST_BEGINNING)
            found.update(token[:length] for length in range(SHORTEST_BEGINNING, last + 1))
    return " ".join("'" + each.replace("\\", "\\\\").replace("'", "''") + "'" for each in found)


def complete(apps, schema_editor):
    """Documents written before know nothing of their block, nor how their words begin."""
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(NEXT, [last, AT_ONCE])
            rows = cursor.fetchall()
            if not rows:
                break
            last = rows[-1][0]
            blocks = [f"@b{pk // BLOCK}" for pk, _tokens in rows]
            begins = [begins_of(tokens) for _pk, tokens in rows]
            cursor.execute(UPDATE, [[pk for pk, _tokens in rows], blocks, begins])


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0009_waiting_replies"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="searchdocument",
            name="search_tokens",
        ),
        migrations.AddField(
            model_name="searchdocument",
            name="begins",
            field=django.contrib.postgres.search.SearchVectorField(default=""),
            preserve_default=False,
        ),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunPython(complete, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="searchdocument",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["tokens", "begins"], gin_pending_list_limit=256, name="search_tokens"
            ),
        ),
    ]
