"""What can happen to a case besides its steps: facts, promises, signatures, calls, mail, the sweep."""

from datetime import timedelta

from complaints.case.locking import lock
from complaints.choices import Status
from complaints.steps import assignment, facts
from followups.callbacks import callbacks
from followups.delivery import retrying
from followups.engine import sweep as enforcement
from followups.escalation import deescalation, escalations
from followups.models import Callback, Escalation, Notice, Promise
from followups.promises import promises
from followups.telling import records as telling, saying
from tests.followups.walked_verbs import severity_of
from tests.followups.walking import DAY, HOUR, MINUTE, OPEN, Walk, verb

SURE = frozenset({"record", "hours", "authority"})


# What it is, and what is promised


@verb(*OPEN, weight=3)
def change_severity(walk: Walk):
    given = {"severity": severity_of(walk), "reason": "Looked again"}
    assignment.change_severity(walk.case.pk, **given, actor=walk.working, at=walk.at)


@verb(*OPEN, weight=2)
def change_category(walk: Walk):
    category = walk.draw.choice([walk.cast.metering, walk.cast.manners])
    assignment.change_category(walk.case.pk, category=category, reason="Sorted", actor=walk.working, at=walk.at)


@verb(*OPEN, weight=5)
def correct_facts(walk: Walk):
    """How the customer is reached, where it happened, and whom it names: what follows follows at once."""
    data = {
        "email": walk.draw.choice(["", "li@customer.example"]),
        "phone": walk.draw.choice(["", "139 0000 4417", "138 1111 2222"]),
        "wishes_no_contact": walk.chance(0.1),
        "kind": walk.draw.choice(["complaint", "suggestion", "latent"]),
        "site": walk.draw.choice([walk.team("hexi"), walk.team("weiyang"), None]),
        "named_people": walk.draw.choice([[], [], [walk.person("handler")]]),
    }
    chosen = dict(walk.draw.sample(sorted(data.items(), key=lambda item: item[0]), walk.draw.randint(1, 3)))
    facts.correct(walk.case.pk, actor=walk.working, at=walk.at, data=chosen | {"reason": "They told us"})


def promise_of(walk: Walk) -> Promise:
    return walk.one_of(Promise.objects.filter(complaint=walk.case, state="open"))


def later(walk: Walk):
    return walk.at + HOUR + walk.draw.random() * 9 * DAY


@verb(*OPEN)
def promise(walk: Walk):
    kind = walk.draw.choice(["visit", "reply", "resolution", "corrective", "first_contact", "callback"])
    given = {"kind": kind, "words": f"We come {len(walk.path)}", "due_at": later(walk), "confirmed": SURE}
    promises.make(walk.case.pk, **given, to_customer=walk.chance(0.8), actor=walk.leading, at=walk.at)


@verb(*OPEN, weight=5)
def keep_promise(walk: Walk):
    promises.keep(promise_of(walk).pk, actor=walk.working, at=walk.at)


@verb(*OPEN, weight=3)
def move_promise(walk: Walk):
    moved = promise_of(walk)
    given = {"due_at": moved.due_at + DAY, "reason": "The part is late", "confirmed": SURE}
    promises.move(moved.pk, **given, actor=walk.leading, at=walk.at)


@verb(*OPEN, weight=5)
def withdraw_promise(walk: Walk):
    promises.withdraw(promise_of(walk).pk, reason="Not needed", actor=walk.leading, at=walk.at)


# Supervisors


@verb(*OPEN, weight=2)
def escalate(walk: Walk):
    given = {"note": "He shouts", "tried": "Talked", "reason": walk.draw.choice(list(escalations.BY_HAND))}
    escalations.escalate_by_hand(walk.case.pk, **given, actor=walk.working, at=walk.at)


def escalation_of(walk: Walk) -> Escalation:
    return walk.one_of(Escalation.objects.filter(complaint=walk.case, signed_at=None))


@verb(weight=8)
def sign(walk: Walk):
    escalations.sign(escalation_of(walk).pk, note="I call him", actor=walk.leading, at=walk.at)


@verb(*OPEN, weight=2)
def change_person(walk: Walk):
    given = {"team": walk.team("hexi"), "handler": walk.person(walk.draw.choice(["handler", "colleague"]))}
    deescalation.change_person(escalation_of(walk).pk, **given, reason="Calmer", actor=walk.leading, at=walk.at)


@verb(*OPEN, weight=2)
def change_place(walk: Walk):
    given = {"words": "At their home", "due_at": later(walk), "confirmed": SURE}
    deescalation.change_place(escalation_of(walk).pk, **given, actor=walk.leading, at=walk.at)


@verb(*OPEN, weight=2)
def change_time(walk: Walk):
    asked = escalation_of(walk)
    moved = walk.draw.choice([None, *deescalation.movable(walk.case, at=walk.at)])
    due_at = later(walk) if moved is None else moved.due_at + DAY
    given = {"promise_id": moved and moved.pk, "words": "On Tuesday", "due_at": due_at, "confirmed": SURE}
    deescalation.change_time(asked.pk, **given, actor=walk.leading, at=walk.at)


# Calls


@verb(Status.RESOLVED, Status.FEEDBACK, Status.ASSIGNED, weight=20)
def call_back(walk: Walk):
    owed = walk.one_of(Callback.objects.filter(complaint=walk.case, state=Callback.State.OPEN))
    outcome = walk.draw.choice(["reached", "no_answer", "no_answer", "wrong_number", "refused"])
    answer = {"solved": walk.chance(0.5), "rating": walk.draw.choice([None, 2, 5])} if outcome == "reached" else {}
    if outcome == "wrong_number":
        answer = {"phone": walk.draw.choice(["", "138 1111 2222"])}
    callbacks.record_attempt(owed.pk, outcome=outcome, **answer, actor=walk.working, at=walk.at)


@verb(weight=14)
def say_by_phone(walk: Walk):
    owed = list(Notice.objects.filter(complaint=walk.case, state=Notice.State.TO_SAY).values_list("pk", flat=True))
    said = walk.draw.sample(owed, walk.draw.randint(1, len(owed))) if owed else [walk.one_of(owed)]
    words = walk.draw.choice(["", "", "It leaks again"])
    way = walk.draw.choice(["phone", "phone", "in_person", "letter"])
    saying.said(walk.case.pk, notice_ids=said, way=way, words=words, actor=walk.working, at=walk.at)


@verb(weight=8)
def not_reached(walk: Walk):
    outcome = walk.draw.choice(["no_answer", "no_answer", "wrong_number", "refused"])
    number = walk.case.telling_tries.count() + 1
    saying.not_reached(walk.case.pk, outcome=outcome, number=number, actor=walk.working, at=walk.at)


# What becomes of mail


def end_mail(walk: Walk, state: str, error: str = ""):
    queued = Notice.objects.filter(complaint=walk.case, to_customer=True, state=Notice.State.QUEUED)
    notice = walk.one_of(queued)
    sent_at = walk.at - MINUTE * walk.draw.random() if state == Notice.State.SENT else None
    Notice.objects.filter(pk=notice.pk).update(state=state, sent_at=sent_at, last_error=error)
    if walk.chance(0.8):
        # Else the sweep finds it.
        telling.settle(notice.pk, at=walk.at)


@verb(weight=14)
def mail_accepted(walk: Walk):
    end_mail(walk, Notice.State.SENT)


@verb(weight=6)
def mail_refused(walk: Walk):
    end_mail(walk, Notice.State.DEAD, "550 no such user")


@verb(weight=6)
def mail_comes_back(walk: Walk):
    """A bounce, days after the server took it."""
    sent = Notice.objects.filter(complaint=walk.case, to_customer=True, state=Notice.State.SENT)
    notice = walk.one_of(sent.filter(settled_at__isnull=False))
    telling.fail(lock(walk.case.pk), notice, why="mailbox full", at=walk.at)


@verb(weight=4)
def send_again(walk: Walk):
    notice = walk.one_of(Notice.objects.filter(complaint=walk.case, to_customer=True, state=Notice.State.DEAD))
    retrying.retry(notice.pk, actor=walk.leading, at=walk.at)


# The sweep


@verb(weight=14)
def sweep(walk: Walk):
    enforcement.run(budget_seconds=60)


@verb(weight=4)
def sweep_much_later(walk: Walk):
    walk.clock.shift(timedelta(days=walk.draw.randint(1, 20)))
    enforcement.run(budget_seconds=60)
