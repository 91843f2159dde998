"""What PostgreSQL does for the hottest statements of a large desk: it looks at few rows, however many there are.

The statements are those that real calls send; nothing is copied by hand. Times are not asserted, plans are.
"""

import secrets
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.customer import links, new_links
from complaints.models import Complaint, Customer, Message
from complaints.queue.worklists import WORKLISTS
from followups import clock
from followups.delivery import delivery
from followups.engine import backlog, sweep
from followups.escalation import escalations
from followups.models import Escalation, Notice, Promise
from tests.cases import NARRATIVE, at_stage, logged
from tests.complaints.intake.log_form import LOG, typed
from tests.many import multiply

MANY = 50_000
# So many rows of one table may a part of a plan look at: a page of a list and what it is chosen from, not a table.
MOST_READ = 5_000
# What counts somebody's open cases looks at all of them: the board says how many each handler has.
COUNTS = ("/board/",)
EXPLAINED = ("SELECT", "WITH", "UPDATE", "DELETE", "EXECUTE")
THROWN_AWAY = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")


PILE_UP = """
INSERT INTO followups_escalation
    (complaint_id, team_id, key, reason, raised_at, sign_by, note, tried, level, at_top, reminders, signed_note)
SELECT id, team_id, 'much:' || id, 'manual', %s, %s, '', '', 0, false, 0, ''
FROM complaints_complaint WHERE status <> 'archived' AND id %% 2 = 0
"""


class Plans:
    """Collects which statements look at how many rows of the growing tables."""

    def __init__(self, tables: set[str]):
        self.tables = tables
        self.faults: list[str] = []
        self.seen = 0

    @contextmanager
    def of(self, name: str):
        """Look at how PostgreSQL carries out every statement that is sent inside."""

        def look_and_send(execute, sql, params, many, context):
            if sql.lstrip().startswith(EXPLAINED):
                self._look(name, sql, params)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(look_and_send):
            yield

    def _look(self, name: str, sql: str, params):
        """Carry it out and take it back, with what it took: an estimate would believe that any filter lets some by."""
        self.seen += 1
        with connection.connection.cursor() as cursor:
            cursor.execute("SAVEPOINT looking")
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
            (explained,) = cursor.fetchone()[0]
            cursor.execute("ROLLBACK TO looking")
        for node in _nodes(explained["Plan"]):
            count = _looked_at(node)
            most = MANY if name.startswith(COUNTS) and "Index" in node["Node Type"] else MOST_READ
            if node.get("Relation Name") in self.tables and (count > most or _reads_whole(node)):
                self.faults.append(f"{name}: {count:.0f} rows of {node['Relation Name']}, {node['Node Type']}: {sql}")


def _nodes(node: dict, stopped: bool = False):
    """The parts of a plan; `stopped` in those below a limit."""
    stopped = stopped or node["Node Type"] == "Limit"
    yield node | {"stopped": stopped}
    for below in node.get("Plans", []):
        yield from _nodes(below, stopped)


def _looked_at(node: dict) -> float:
    return (node["Actual Rows"] + sum(node.get(name, 0) for name in THROWN_AWAY)) * node["Actual Loops"]


def _reads_whole(node: dict) -> bool:
    """Whether it reads a table from its beginning, however far it came: with other rows it would come further."""
    return node["Node Type"] == "Seq Scan" and not node["stopped"]


@pytest.fixture
def at():
    """Two hours ago by the database's clock, which says what is due."""
    return clock.now() - timedelta(hours=2)


@pytest.fixture
def cases(cast, at) -> list[Complaint]:
    """One at each of the common stages, two of other sites; archived ones twice."""
    stages = (Status.RECEIVED, Status.ASSIGNED, Status.RESOLVED, Status.ARCHIVED, Status.ARCHIVED)
    made = [at_stage(cast, stage, at) for stage in stages]
    made += [logged(cast, at, team=site, site=site) for site in (cast.qujiang, cast.weiyang)]
    handler = Actor.staff(cast.handler)
    for case in made[:3]:
        messages.say(case.pk, kind=Message.Kind.INBOUND, channel="phone", body="Once more", actor=handler, at=at)
    return made


@pytest.fixture
def plans(cases, at) -> Plans:
    """The plans at a desk of tens of thousands of copies of the cases, half of them open."""
    return Plans(multiply(cases, many=MANY, at=at + timedelta(hours=3)))


def test_no_hot_statement_reads_a_growing_table_from_end_to_end(cast, cases, plans, visitor):
    known = Customer.objects.exclude(email="").latest("pk")
    client = Client()
    client.force_login(cast.supervisor)
    received, assigned = cases[:2]
    # Tries are counted by reference, by a server that outlives this test.
    assigned.reference = f"C-2026-{secrets.randbelow(100_000) + 900_000}"
    assigned.save(update_fields=["reference"])
    with plans.of("signing in"):
        assert (
            visitor.post(reverse("account_login"), {"login": "Chen.Jing", "password": "correct horse"}).status_code
            == 302
        )
    for name, given in {
        "log, by phone": {"phone": known.phone_key},
        "log, by e-mail": {"phone": "", "email": known.email.upper()},
        "log, by both": {"phone": known.phone_key, "email": known.email, "name": known.name},
    }.items():
        with plans.of(name):
            assert client.post(LOG, typed(cast, **given)).status_code == 302
    with plans.of("look-ups while typing"):
        client.post(f"{LOG}customer/", {"phone": known.phone_key})
        client.post(f"{LOG}customer/", {"name": known.name})
        client.post(f"{LOG}known/", {"phone": known.phone_key, "narrative": NARRATIVE, "site": cast.hexi.pk})
        client.post(f"{LOG}known/", {"narrative": f"{NARRATIVE} SN-2033-A17"})
    with plans.of("find my complaint"):
        assert visitor.post("/c/", {"reference": assigned.reference, "digits": "4417"}).status_code == 302
        assert new_links.answer_asked(timezone.now()) == 1
    with plans.of("the customer's page"):
        assert visitor.get(links.public_path(assigned)).status_code == 200
    lists = [f"/queue/?view={view}" for view in WORKLISTS]
    lists += [
        "/queue/?view=all&sort=newest",
        "/queue/?view=all&sort=severity",
        "/queue/?q=pump",
        "/queue/?q=once+more",
    ]
    lists += [f"/queue/?q={known.phone_key[-4:]}", f"/queue/?q={assigned.reference}", "/palette/?q=pump"]
    lists += [f"/complaints/{assigned.reference}/", f"/palette/?case={assigned.reference}", "/callbacks/"]
    lists += ["/notifications/", "/notifications/count/"]
    for person, pages in {cast.supervisor: [*lists, "/board/", "/notices/"], cast.handler: lists}.items():
        client.force_login(person)
        for page in pages:
            with plans.of(f"{page} for {person}"):
                assert client.get(page).status_code == 200
    _let_fall_due(received, assigned)
    with plans.of("the sweep"):
        done = sweep.run(budget_seconds=60)
    assert all(done[duty] for duty in ("broken", "warned", "climbed", "stuck")), done
    with plans.of("delivery"):
        assert delivery.run(budget_seconds=60)["sent"]
    with plans.of("how late the desk is"):
        backlog.read()
    _let_pile_up()
    client.force_login(cast.director)
    for page in ("/queue/?view=sign", "/queue/?view=hour", "/queue/?view=mine", "/board/"):
        with plans.of(f"{page} where much is to be signed"):
            assert client.get(page).status_code == 200
    assert not plans.faults, "\n".join(plans.faults)
    assert plans.seen > 200, "hardly a statement was looked at"


def _let_pile_up():
    """Of every second open case something must be signed at once."""
    past = clock.now() - timedelta(minutes=1)
    with connection.cursor() as cursor:
        # In one statement: making 18,000 rows here would leave the connection idle for too long on a busy machine.
        cursor.execute(PILE_UP, [past, past])
        cursor.execute(f"ANALYZE {Escalation._meta.db_table}")


def _let_fall_due(received: Complaint, assigned: Complaint):
    """Something for every duty of the sweep, and mail for the delivery."""
    past = clock.now() - timedelta(minutes=1)
    late, near = Promise.objects.filter(complaint=received, state="open")[:2]
    Promise.objects.filter(pk=late.pk).update(due_at=past)
    Promise.objects.filter(pk=near.pk).update(warn_at=past, warned_at=None)
    assigned.refresh_from_db()
    escalations.escalate(assigned, reason=Escalation.Reason.MANUAL, key="manual", at=past)
    Escalation.objects.filter(complaint=assigned).update(sign_by=past)
    Complaint.objects.filter(pk=assigned.pk).update(stuck_check_at=past)
    Notice.objects.filter(complaint=assigned, state="queued").update(not_before=past)
    Notice.objects.filter(complaint=received, state="queued").update(state="gathered", not_before=past)
