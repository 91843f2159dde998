"""The tree of teams holds in the database: constraints, and a trigger for what a constraint cannot see."""

import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models

# The lock is the one of accounts.organisation: who comes second sees what the first one wrote.
HOLD = """
CREATE FUNCTION accounts_team_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    up bigint := NEW.parent_id;
BEGIN
    PERFORM pg_advisory_xact_lock(5390717);
    WHILE up IS NOT NULL LOOP
        IF up = NEW.id THEN
            RAISE EXCEPTION 'team % would stand under itself', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'team_not_under_itself';
        END IF;
        SELECT parent_id INTO up FROM accounts_team WHERE id = up;
    END LOOP;
    IF EXISTS (
        SELECT FROM accounts_team AS region JOIN accounts_team AS above ON above.id = region.parent_id
        WHERE region.kind = 'region' AND above.kind NOT IN ('company', 'region')
            AND NEW.id IN (region.id, above.id)
    ) THEN
        RAISE EXCEPTION 'a region would stand under a site or department (team %)', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'team_region_under_region';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER team_stands AFTER INSERT OR UPDATE OF parent_id, kind ON accounts_team
    FOR EACH ROW EXECUTE FUNCTION accounts_team_stands();
"""
RELEASE = """
DROP TRIGGER team_stands ON accounts_team;
DROP FUNCTION accounts_team_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_mend_the_tree")]

    operations = [
        migrations.RemoveConstraint(model_name="team", name="team_name_unique_under_parent"),
        migrations.RemoveConstraint(model_name="team", name="team_not_its_own_parent"),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "company"), ("parent__isnull", True)),
                    models.Q(models.Q(("kind", "company"), _negated=True), ("parent__isnull", False)),
                    _connector="OR",
                ),
                name="team_company_on_top",
                violation_error_message="The company stands on top, and everything else belongs to something.",
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "company")),
                fields=("kind",),
                name="team_one_company",
                violation_error_message="There is a company already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(
                models.F("parent"),
                django.db.models.functions.text.Lower("name"),
                name="team_name_unique_beside",
                violation_error_message="There is a team of this name here already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(
                models.F("parent"),
                django.db.models.functions.text.Lower(
                    django.db.models.functions.comparison.Coalesce(
                        django.db.models.functions.comparison.NullIf("name_zh", models.Value("")), "name"
                    )
                ),
                name="team_name_zh_unique_beside",
                violation_error_message="There is a team of this name here already.",
            ),
        ),
        migrations.RunSQL(HOLD, RELEASE),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.UniqueConstraint(
                fields=("person", "begins_at", "ends_at"),
                name="absence_once",
                violation_error_message="This absence is entered already.",
            ),
        ),
    ]
