"""The history is append-only: the database itself refuses update, delete and truncate."""

from django.db import migrations

PROTECT = """
CREATE FUNCTION complaints_refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The history of complaints is append-only: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER complaintevent_no_change BEFORE UPDATE OR DELETE ON complaints_complaintevent
    FOR EACH ROW EXECUTE FUNCTION complaints_refuse_history_change();
CREATE TRIGGER complaintevent_no_truncate BEFORE TRUNCATE ON complaints_complaintevent
    FOR EACH STATEMENT EXECUTE FUNCTION complaints_refuse_history_change();
"""
UNPROTECT = """
DROP TRIGGER complaintevent_no_truncate ON complaints_complaintevent;
DROP TRIGGER complaintevent_no_change ON complaints_complaintevent;
DROP FUNCTION complaints_refuse_history_change();
"""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_initial")]

    operations = [migrations.RunSQL(PROTECT, UNPROTECT)]
