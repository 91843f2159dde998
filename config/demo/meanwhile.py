"""What the desk does by itself between two lines of a story: it warns, breaks promises, notices that a case is
stuck, lets escalations climb.

The same functions that the sweep calls, at the moments at which the sweep would have come by. And
supervisors sign in time for what their teams raised, except for the last hours: a visitor finds some to sign.
"""

from datetime import datetime, timedelta
from operator import itemgetter

from django.db.models import Min, Q

from accounts.access import people_with
from accounts.models import Person, Role
from complaints.actors import Actor
from complaints.models import Complaint
from config.demo.scene import Stage
from config.demo.stories import KEY
from followups import breaking, escalations, stuck
from followups.models import Escalation, Promise

# How long before it would climb a supervisor signs, and what is left for the visitor.
BEFORE_IT_CLIMBS = timedelta(minutes=10)
LEFT_UNSIGNED = timedelta(hours=3)
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
    ours = {"complaint__submission_key__startswith": KEY.format("")}
    complaints = Complaint.objects.filter(submission_key__startswith=KEY.format(""))
    promises = Promise.objects.filter(**ours, state=Promise.State.OPEN)
    unwarned = Q(warned_at=None, paused_since=None)
    escalations_to_sign = Escalation.objects.filter(**ours, signed_at=None)
    while True:
        unsigned = list(escalations_to_sign.all())
        next_of = promises.aggregate(act_at=Min("act_at"), warn_at=Min("warn_at", filter=unwarned))
        look_at = complaints.aggregate(look_at=Min("stuck_check_at"))["look_at"]
        due = [
            (next_of["act_at"], breaking.break_due, promises, Q(act_at__lte=next_of["act_at"])),
            (next_of["warn_at"], breaking.warn_due, promises, unwarned & Q(warn_at__lte=next_of["warn_at"])),
            (look_at, stuck.raise_due, complaints, Q(stuck_check_at__lte=look_at)),
            *((each.sign_by, breaking.climb_due, escalations_to_sign, Q(pk=each.pk)) for each in unsigned),
            *(
                (at, _sign, escalations_to_sign, Q(pk=pk))
                for at, pk in _signatures(unsigned, stage.clock.now, signed_in_the_story)
            ),
        ]
        due = [each for each in due if each[0] is not None and each[0] <= moment]
        if not due:
            return
        at, act, rows, which = min(due, key=itemgetter(0))
        act(list(rows.filter(which).values_list("pk", flat=True)), at)


def _signatures(unsigned: list[Escalation], now: datetime, signed_in_the_story: dict[int, datetime]):
    """When supervisors sign of their own accord, and for which escalation: (moment, id)."""
    for escalation in unsigned:
        its_own = signed_in_the_story.get(escalation.complaint_id)
        if escalation.raised_at > now - LEFT_UNSIGNED or (its_own and escalation.raised_at <= its_own):
            continue
        yield max(escalation.raised_at, escalation.sign_by - BEFORE_IT_CLIMBS), escalation.pk


def _sign(escalation_ids: list[int], at: datetime):
    for escalation in Escalation.objects.filter(pk__in=escalation_ids).select_related("team", "complaint"):
        named = escalation.complaint.named_ids
        person: Person = people_with(Role.SUPERVISOR, escalation.team).exclude(pk__in=named).order_by("pk")[0]
        words = SIGNED_NOTES[person.language]
        escalations.sign(escalation.pk, note=words[escalation.pk % len(words)], actor=Actor.staff(person), at=at)
