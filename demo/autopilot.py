"""What the desk does by itself between two lines of a story: it warns, breaks promises, notices that a case is
stuck, lets escalations climb.

The same functions that the sweep calls, at the moments at which the sweep would have come by. And
supervisors sign in time for what their teams raised, except for the last hours: a visitor finds some to sign.
"""

from datetime import datetime, timedelta
from operator import itemgetter

from django.db import connection

from accounts.access import people_with
from accounts.models import Person, Role
from complaints.case.actors import Actor
from complaints.models import Complaint
from demo import post
from demo.context import Stage
from followups.engine import effects, stuck
from followups.escalation import escalations
from followups.models import Escalation, Notice, Promise, Telling
from followups.models.promise import PromiseKind
from followups.policies import telling_calls
from followups.telling import saying

# How long before it would climb a supervisor signs, and what is left for the visitor.
BEFORE_IT_CLIMBS = timedelta(minutes=10)
LEFT_UNSIGNED = timedelta(hours=3)
# How long before they have to customers are called, and what is left for the visitor.
BEFORE_IT_IS_LATE = timedelta(minutes=10)
LEFT_UNSAID = timedelta(hours=3)
# Asked before every line of a story, so all of it in one statement.
NEXT = """
SELECT
    (SELECT min(act_at) FROM followups_promise WHERE complaint_id = ANY(%(ids)s) AND state = 'open'),
    (SELECT min(warn_at) FROM followups_promise
        WHERE complaint_id = ANY(%(ids)s) AND state = 'open' AND warned_at IS NULL AND paused_since IS NULL),
    (SELECT min(stuck_check_at) FROM complaints_complaint WHERE id = ANY(%(ids)s)),
    (SELECT min(sign_by) FROM followups_escalation WHERE complaint_id = ANY(%(ids)s) AND signed_at IS NULL),
    (SELECT min(due_at) FROM followups_promise WHERE complaint_id = ANY(%(ids)s) AND state = 'open' AND kind = 'tell'),
    (SELECT min(created_at) FROM followups_notice
        WHERE complaint_id = ANY(%(ids)s) AND to_customer AND state = 'queued' AND created_at < %(mailed_until)s)
"""
SIGNED_NOTES = {
    "zh-hans": [
        "由我督办，承办人今天给客户准话。",
        "已与承办人通话，下一步和时间都定了。",
        "知道了，我跟到客户满意为止。",
    ],
    "en": [
        "I follow this up myself; the customer hears from us today.",
        "Spoke with the handler: the next step and its time are settled.",
        "Mine from here on, until the customer is content.",
    ],
}


def until(moment: datetime, stage: Stage, *, signed_in_the_story: dict[int, datetime]):
    """Let everything happen to the demo's complaints that is due up to `moment` (aware), in its order.

    `signed_in_the_story` gives for a complaint's id the moment up to which its own lines sign.
    """
    while True:
        due = [each for each in _next(stage, moment, signed_in_the_story) if each[0] is not None and each[0] <= moment]
        if not due:
            return
        at, act, model, which = min(due, key=itemgetter(0))
        act(list(model.objects.filter(**which).values_list("pk", flat=True)), at)


def _next(stage: Stage, moment: datetime, signed_in_the_story: dict[int, datetime]) -> list[tuple]:
    """What happens next of each kind: (moment or None, act, model, which rows); it may lie after `moment`."""
    ids = list(stage.ids.values())
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"ids": ids, "mailed_until": stage.clock.now - post.STILL_MAILED})
        [(break_at, warn_at, look_at, climb_at, tell_by, mail_at)] = cursor.fetchall()
    tell_at = tell_by - BEFORE_IT_IS_LATE if tell_by and tell_by < stage.clock.now - LEFT_UNSAID else None
    # Who signs does so shortly before it climbs, at the earliest: mostly that is far off.
    near = climb_at is not None and climb_at - BEFORE_IT_CLIMBS <= moment
    unsigned = list(Escalation.objects.filter(complaint__in=ids, signed_at=None)) if near else []
    signatures = _signatures(unsigned, stage.clock.now, signed_in_the_story)
    opened = {"complaint__in": ids, "state": Promise.State.OPEN}
    unwarned = opened | {"warned_at": None, "paused_since": None}
    to_customers = {"complaint__in": ids, "to_customer": True, "state": Notice.State.QUEUED}
    return [
        (mail_at, post.arrives, Notice, to_customers | {"created_at": mail_at}),
        (break_at, effects.break_due, Promise, opened | {"act_at__lte": break_at}),
        (tell_at, _tell, Promise, opened | {"kind": PromiseKind.TELL, "due_at": tell_by}),
        (warn_at, effects.warn_due, Promise, unwarned | {"warn_at__lte": warn_at}),
        (look_at, stuck.raise_due, Complaint, {"pk__in": ids, "stuck_check_at__lte": look_at}),
        *((each.sign_by, effects.climb_due, Escalation, {"pk": each.pk}) for each in unsigned),
        *((at, _sign, Escalation, {"pk": pk}) for at, pk in signatures),
    ]


def _signatures(unsigned: list[Escalation], now: datetime, signed_in_the_story: dict[int, datetime]):
    """When supervisors sign of their own accord, and for which escalation: (moment, id)."""
    for escalation in unsigned:
        its_own = signed_in_the_story.get(escalation.complaint_id)
        if escalation.raised_at > now - LEFT_UNSIGNED or (its_own and escalation.raised_at <= its_own):
            continue
        yield max(escalation.raised_at, escalation.sign_by - BEFORE_IT_CLIMBS), escalation.pk


def _tell(promise_ids: list[int], at: datetime):
    """Whoever has the case, or logged it, calls the customer, or writes where nobody can call."""
    for promise in Promise.objects.filter(pk__in=promise_ids).select_related(
        "complaint__handler", "complaint__customer"
    ):
        complaint = promise.complaint
        owed = list(telling_calls.to_say(complaint).values_list("pk", flat=True))
        caller = complaint.handler or complaint.logged_by
        if caller is None:
            continue
        actor, customer = Actor.staff(caller), complaint.customer
        way = Telling.Way.LETTER if customer is not None and customer.gets_letters else Telling.Way.PHONE
        saying.said(complaint.pk, notice_ids=owed, way=way, actor=actor, at=at)


def _sign(escalation_ids: list[int], at: datetime):
    for escalation in Escalation.objects.filter(pk__in=escalation_ids).select_related("team", "complaint"):
        named = escalation.complaint.named_ids
        person: Person = people_with(Role.SUPERVISOR, escalation.team).exclude(pk__in=named).order_by("pk")[0]
        words = SIGNED_NOTES[person.language]
        escalations.sign(escalation.pk, note=words[escalation.pk % len(words)], actor=Actor.staff(person), at=at)
