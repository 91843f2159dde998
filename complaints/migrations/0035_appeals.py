"""Appeals: one a round, reviewed by somebody who had no part in the case, decided by the point. The database refuses
what is otherwise, whoever writes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# Who worked on a case, decided in it, answers for it or is named in it: never its reviewer. What was done is in the
# history; beside it stand those to whom it was given and who did nothing yet. Who had begun to review and gave it back
# may begin again.
TOOK_PART = """
CREATE FUNCTION complaints_took_part(which bigint, who bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM complaints_complaintevent e WHERE e.complaint_id = which AND e.kind <> 'appeal_review_began' AND (
            e.actor_id = who OR e.data ->> 'handler' = who::text OR e.data ->> 'previous_handler' = who::text
        )
    ) OR EXISTS (
        SELECT FROM complaints_complaint c
        WHERE c.id = which AND who IN (c.handler_id, c.logged_by_id, c.invalid_proposed_by_id)
    ) OR EXISTS (
        SELECT FROM complaints_complaint_named_people n WHERE n.complaint_id = which AND n.person_id = who
    ) OR EXISTS (
        SELECT FROM complaints_round r
        WHERE r.complaint_id = which AND who IN (r.handler_id, r.ended_by_id, r.resolved_by_id)
    ) OR EXISTS (
        SELECT FROM complaints_resolution r WHERE r.complaint_id = which AND r.resolved_by_id = who
    ) OR EXISTS (
        SELECT FROM complaints_message m WHERE m.complaint_id = which AND m.author_id = who
    ) OR EXISTS (
        SELECT FROM complaints_option o WHERE o.complaint_id = which AND who IN (o.offered_by_id, o.approved_by_id)
    )
$$;
"""
GUARD = """
CREATE FUNCTION complaints_guard_appeal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    points bigint;
    upheld bigint;
    answered bigint;
    follows text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.decided_at IS NOT NULL THEN
            RAISE EXCEPTION 'Appeal % is decided and never changed', OLD.id USING ERRCODE = 'check_violation';
        END IF;
        IF (NEW.complaint_id, NEW.round) IS DISTINCT FROM (OLD.complaint_id, OLD.round) THEN
            RAISE EXCEPTION 'Appeal % is of another result', OLD.id USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    IF NEW.reviewer_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.reviewer_id IS DISTINCT FROM OLD.reviewer_id)
        AND complaints_took_part(NEW.complaint_id, NEW.reviewer_id) THEN
        RAISE EXCEPTION 'Person % had a part in complaint % and never reviews it', NEW.reviewer_id, NEW.complaint_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_reviewer_took_no_part';
    END IF;
    IF NEW.decided_at IS NOT NULL THEN
        SELECT count(*), count(*) FILTER (WHERE p.upheld), count(p.upheld) INTO points, upheld, answered
            FROM complaints_appealpoint p WHERE p.appeal_id = NEW.id;
        follows := CASE WHEN upheld = points THEN 'upheld' WHEN upheld = 0 THEN 'rejected' ELSE 'partly' END;
        IF points = 0 OR answered < points OR NEW.state <> follows THEN
            RAISE EXCEPTION 'The decision of appeal % does not follow from its points', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_every_point_answered';
        END IF;
        IF EXISTS (SELECT FROM complaints_complaint_named_people n
            WHERE n.complaint_id = NEW.complaint_id AND n.person_id = NEW.reviewer_id) THEN
            RAISE EXCEPTION 'Person % is named in complaint % and never decides of it', NEW.reviewer_id,
                NEW.complaint_id USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_reviewer_is_not_named';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER appeal_guard BEFORE INSERT OR UPDATE ON complaints_appeal
    FOR EACH ROW EXECUTE FUNCTION complaints_guard_appeal();
CREATE TRIGGER appeal_no_delete BEFORE DELETE ON complaints_appeal
    FOR EACH ROW EXECUTE FUNCTION complaints_refuse_history_change();
CREATE TRIGGER appeal_no_truncate BEFORE TRUNCATE ON complaints_appeal
    FOR EACH STATEMENT EXECUTE FUNCTION complaints_refuse_history_change();

CREATE FUNCTION complaints_guard_appeal_point() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM complaints_appeal a WHERE a.id = NEW.appeal_id AND a.decided_at IS NOT NULL) THEN
        RAISE EXCEPTION 'Appeal % is decided and never changed', NEW.appeal_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER appealpoint_guard BEFORE INSERT OR UPDATE ON complaints_appealpoint
    FOR EACH ROW EXECUTE FUNCTION complaints_guard_appeal_point();
CREATE TRIGGER appealpoint_no_delete BEFORE DELETE ON complaints_appealpoint
    FOR EACH ROW EXECUTE FUNCTION complaints_refuse_history_change();
CREATE TRIGGER appealpoint_no_truncate BEFORE TRUNCATE ON complaints_appealpoint
    FOR EACH STATEMENT EXECUTE FUNCTION complaints_refuse_history_change();
"""
UNDO = """
DROP TRIGGER appealpoint_no_truncate ON complaints_appealpoint;
DROP TRIGGER appealpoint_no_delete ON complaints_appealpoint;
DROP TRIGGER appealpoint_guard ON complaints_appealpoint;
DROP FUNCTION complaints_guard_appeal_point();
DROP TRIGGER appeal_no_truncate ON complaints_appeal;
DROP TRIGGER appeal_no_delete ON complaints_appeal;
DROP TRIGGER appeal_guard ON complaints_appeal;
DROP FUNCTION complaints_guard_appeal();
DROP FUNCTION complaints_took_part(bigint, bigint);
"""
# What was closed within the days that the rules begin with can be appealed for what is left of them.
STILL_OPEN = """
UPDATE complaints_complaint SET appeal_until = closed_at + interval '30 days'
WHERE status = 'archived' AND outcome IN ('solved', 'unsolved', 'invalid') AND closed_at > now() - interval '30 days'
"""
OUTSIDE = [
    {
        "name": "12315, consumer rights hotline",
        "name_zh": "12315消费者投诉举报热线",
        "text": "Price, measuring, refunds.",
        "text_zh": "价格、计量、退款等问题。",
        "phone": "12315",
        "position": 10,
    },
    {
        "name": "12345, city government hotline",
        "name_zh": "12345政务服务便民热线",
        "text": "Everything else.",
        "text_zh": "其他各类问题。",
        "phone": "12345",
        "position": 20,
    },
]


def name_outside_help(apps, schema_editor):
    help_there = apps.get_model("complaints", "OutsideHelp")
    help_there.objects.bulk_create(help_there(**row) for row in OUTSIDE)


class Migration(migrations.Migration):

    dependencies = [
        ("complaints", "0034_customers_way"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OutsideHelp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_zh', models.CharField(blank=True, max_length=120, verbose_name='name in Chinese')),
                ('text', models.CharField(blank=True, max_length=200, verbose_name='what for, in one sentence')),
                ('text_zh', models.CharField(blank=True, max_length=200, verbose_name='the same in Chinese')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                ('position', models.PositiveSmallIntegerField(default=100, verbose_name='order')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'help from outside',
                'verbose_name_plural': 'help from outside',
                'ordering': ['position', 'name'],
            },
        ),
        migrations.AddField(
            model_name='complaint',
            name='appeal_until',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('accepted', 'Accepted'), ('review', 'Under review'), ('upheld', 'Upheld'), ('partly', 'Upheld in part'), ('rejected', 'Rejected')], default='accepted', max_length=8, verbose_name='appeal')),
                ('channel', models.CharField(choices=[('phone', 'Phone'), ('walk_in', 'In person'), ('web', 'Web form'), ('email', 'E-mail'), ('sms', 'Text message'), ('social', 'Social media'), ('book', 'Opinion book'), ('callback', 'Callback'), ('link', 'Customer link'), ('api', 'API'), ('letter', 'Letter'), ('import', 'Import')], max_length=10, verbose_name='how it reached us')),
                ('grounds', models.TextField(verbose_name='why the customer does not agree')),
                ('wanted', models.CharField(blank=True, max_length=500, verbose_name='what would be right')),
                ('made_at', models.DateTimeField()),
                ('review_began_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('outside', models.JSONField(blank=True, default=list)),
                ('submission_key', models.CharField(editable=False, max_length=100, null=True, unique=True)),
                ('submission_digest', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='complaints.complaint')),
                ('reviewer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to=settings.AUTH_USER_MODEL)),
                ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'appeal',
                'verbose_name_plural': 'appeals',
                'ordering': ['round'],
            },
        ),
        migrations.CreateModel(
            name='AppealPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('text', models.CharField(blank=True, max_length=500, verbose_name='point')),
                ('finding', models.TextField(blank=True, verbose_name='finding')),
                ('upheld', models.BooleanField(blank=True, null=True, verbose_name='decision')),
                ('reason', models.TextField(blank=True, verbose_name='why')),
                ('appeal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='points', to='complaints.appeal')),
            ],
            options={
                'verbose_name': 'point of an appeal',
                'verbose_name_plural': 'points of an appeal',
                'ordering': ['number'],
            },
        ),
        migrations.AddIndex(
            model_name='appeal',
            index=models.Index(condition=models.Q(('decided_at__isnull', True)), fields=['complaint', 'reviewer'], name='appeal_open'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.UniqueConstraint(fields=('complaint', 'round'), name='appeal_one_a_round'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('review_began_at__isnull', True), ('reviewer__isnull', True), ('state', 'accepted')), models.Q(('review_began_at__isnull', False), ('reviewer__isnull', False), ('state__in', ['review', 'upheld', 'partly', 'rejected'])), _connector='OR'), name='appeal_reviewed_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('state__in', ['accepted', 'review'])), models.Q(('decided_at__gte', models.F('review_began_at')), ('state__in', ['upheld', 'partly', 'rejected'])), _connector='OR'), name='appeal_decided_has_moment'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), models.Q(('outside', []), _negated=True), _connector='OR'), name='appeal_rejected_names_outside_help'),
        ),
        migrations.AddConstraint(
            model_name='appealpoint',
            constraint=models.UniqueConstraint(fields=('appeal', 'number'), name='appeal_point_once'),
        ),
        migrations.AddConstraint(
            model_name='appealpoint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('upheld__isnull', True)), models.Q(('upheld__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='appeal_point_answered_with_reason'),
        ),
        migrations.RunSQL(TOOK_PART + GUARD, UNDO),
        migrations.RunPython(name_outside_help, migrations.RunPython.noop),
        migrations.RunSQL(STILL_OPEN, migrations.RunSQL.noop),
    ]
