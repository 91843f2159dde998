"""Cases on which verbs are raced, and how they are done, where a line does not say it (race_recipes)."""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import absences
from accounts.models import Absence, Person, Team
from complaints.case import orphans
from complaints.case.actors import SYSTEM
from complaints.choices import Status
from complaints.conversation import undo_send
from complaints.evidence import attaching
from complaints.intake import receiving
from complaints.models import Appeal, BulkRow, BulkRun, Complaint, Message, SavedView, WaitingReply
from complaints.queue import bulk, saved_views
from complaints.steps import appeals, lifecycle
from followups.callbacks import callbacks
from followups.delivery import receipts, retrying
from followups.delivery.sms.account import Receipt
from followups.models import Notice, PosterRun, Telling
from followups.posters import posters
from followups.telling import letters, records, saying
from tests import cases
from tests.complaints import samples
from tests.complaints.steps import appealed
from tests.config.races import DAY, HOUR, KEY, Count, Desk, Race, events_of, now_by, on_part
from tests.followups.board.at_the_board import dead


def log(desk: Desk):
    given = {
        "narrative": cases.NARRATIVE,
        "channel": "phone",
        "team": desk.cast.hexi,
        "phone": "139",
        "submission_key": KEY,
    }
    upload = samples.pdf()

    def act(number: int):
        file = attaching.examine(SimpleUploadedFile("a.pdf", upload))
        return receiving.log(receiving.Intake(**given), actor=desk.handler, at=timezone.now(), files=[file])

    return act, Complaint.objects.filter(submission_key=KEY).count, []


def left_by_its_reviewer(desk: Desk) -> Appeal:
    """Nothing told of it: no signal."""
    appeal = appeals.begin_review(
        appealed.made(desk.cast, desk.at - 4 * HOUR).pk, actor=desk.reviewers[1], at=timezone.now()
    )
    Person.objects.filter(pk=appeal.reviewer_id).update(is_active=False)
    return appeal


def upheld(desk: Desk):
    appeal = appealed.reviewed(desk.cast, desk.at - 4 * HOUR)
    appeal.points.update(upheld=True, reason="You are right")
    Appeal.objects.filter(pk=appeal.pk).update(state="upheld", decided_at=timezone.now())
    data = {"appeal": appeal.pk, "team": desk.cast.hexi, "handler": desk.cast.colleague, "reason": "It is so"}

    def act(number: int):
        return lifecycle.perform(appeal.complaint_id, "uphold", actor=SYSTEM, at=timezone.now(), data=dict(data))

    return act, events_of(appeal.complaint, "reopened"), [appeal.complaint]


def saved(verb: str, do: Callable, count: Callable[[SavedView], Count], once: int) -> Race:
    def prepare(desk: Desk):
        name = f"Mine {verb}"
        view = saved_views.save(desk.cast.handler, name=name, query="view=all", team_id=None, at=desk.at)
        opened = [SavedView.objects.get(pk=view.pk) for _window in range(10)]
        return lambda number: do(desk, opened[number]), count(view), []

    return Race(verb, prepare, once)


def save_view(desk: Desk):
    def act(number: int):
        return saved_views.save(desk.cast.handler, name="New", query="view=all", team_id=None, at=timezone.now())

    return act, SavedView.objects.filter(owner=desk.cast.handler, name="New").count, []


def delete_view(desk: Desk, view: SavedView):
    saved_views.delete(view, person=desk.cast.handler)


def absence(verb: str) -> Race:
    def prepare(desk: Desk):
        held = {"begins_at": desk.now + DAY, "ends_at": desk.now + 2 * DAY, "deputy": None}
        there = Absence.objects.filter(person=desk.cast.handler)
        there.delete()
        if verb.endswith("enter"):
            return lambda number: absences.enter(desk.cast.handler, **held), there.count, []
        absences.enter(desk.cast.handler, **held)
        # Each of them opened the page before.
        opened = [there.get() for _window in range(10)]
        return lambda number: absences.end(opened[number], desk.now), there.count, []

    return Race(verb, prepare, 1 if verb.endswith("enter") else -1)


def start(desk: Desk):
    run, begun = desk.run(), []

    def act(number: int):
        if bulk.start(run.pk, person=desk.cast.supervisor, values=run.values, at=timezone.now()):
            begun.append(number)

    return act, lambda: len(begun), []


def work(desk: Desk):
    run = desk.run()
    bulk.start(run.pk, person=desk.cast.supervisor, values=run.values, at=desk.now)
    done = Complaint.objects.filter(pk__in=run.rows.values("complaint"), events__kind="category_changed")
    rows = [row.complaint for row in run.rows.select_related("complaint")]

    def act(number: int):
        while bulk.work_one(run.pk, at=timezone.now()):
            pass
        bulk.finish(run.pk, at=timezone.now())
        return BulkRow.objects.filter(run=run, state="waiting").count()

    return act, done.count, rows


def choose_rows(desk: Desk):
    chosen = Complaint.objects.filter(pk=desk.case().pk)

    def act(number: int):
        return bulk.choose(desk.cast.supervisor, "reassign", chosen, at=timezone.now(), data={})

    # Each click chooses anew; what is never started is forgotten.
    return act, lambda: int(BulkRun.objects.filter(person=desk.cast.supervisor, action="reassign").exists()), []


def seen(verb: str, do: Callable) -> Race:
    def prepare(desk: Desk):
        complaint = desk.case()
        notice = Notice.objects.filter(complaint=complaint, person__isnull=False).first()
        unseen = Notice.objects.filter(pk=notice.pk, seen_at=None)
        return lambda number: do(notice), unseen.count, []

    return Race(verb, prepare, -1)


def taken_back(desk: Desk):
    complaint = desk.case()
    reply = undo_send.reply(complaint.pk, body="We look", actor=desk.handler, at=timezone.now())
    done = []

    def act(number: int):
        try:
            undo_send.take_back(reply.pk, actor=desk.handler)
        except WaitingReply.DoesNotExist:  # the view says "too late"
            return
        done.append(number)

    return act, lambda: len(done), [complaint]


def sent(desk: Desk):
    complaint = desk.case()
    undo_send.reply(complaint.pk, body="We look", actor=desk.handler, at=timezone.now() - HOUR)
    said = Message.objects.filter(complaint=complaint, body="We look")
    return lambda number: undo_send.send_due(timezone.now()), said.count, [complaint]


def handed_back(desk: Desk):
    complaint = desk.case()
    Complaint.objects.filter(pk=complaint.pk).update(handler=desk.cast.stranger)
    return (
        lambda number: orphans.hand_back(complaint.pk, at=timezone.now()),
        events_of(complaint, "handler_left"),
        [complaint],
    )


def handed_up(desk: Desk):
    complaint = desk.case()
    team = Team.objects.create(name=f"Closed {complaint.pk}", kind="site", parent=desk.cast.west, active=False)
    Complaint.objects.filter(pk=complaint.pk).update(team=team)

    def act(number: int):
        return orphans.hand_up(complaint.pk, at=timezone.now())

    return act, events_of(complaint, "team_closed"), [complaint]


def undelivered(desk: Desk):
    complaint = desk.case()
    notice = dead(complaint)

    def act(number: int):
        return retrying.retry(notice.pk, **now_by(desk.leaders, number))

    return act, events_of(complaint, "notice_retried"), [complaint]


def to_be_told(desk: Desk, **given) -> tuple[Complaint, list[int]]:
    """A case whose customer has a phone only, unless `given` otherwise, and what is to be said to them."""
    complaint = desk.case(email="", **given)
    owed = Notice.objects.filter(complaint=complaint, state=Notice.State.TO_SAY)
    return complaint, list(owed.values_list("pk", flat=True))


def told(desk: Desk):
    complaint, owed = to_be_told(desk)

    def act(number: int):
        given = {"notice_ids": owed[:1], "way": "phone", "words": "They thank us"}
        return saying.said(complaint.pk, **given, **now_by(desk.handlers, number))

    return act, Telling.objects.filter(notice__in=owed[:1], undone_at=None).count, [complaint]


def letter_prepared(desk: Desk):
    complaint, owed = to_be_told(desk, phone="", postal_address="18 Liuyin Road")

    def act(number: int):
        return letters.prepare(complaint.pk, notice_ids=owed[:1], **now_by(desk.handlers, number))

    return act, Notice.objects.filter(pk__in=owed[:1], prepared_at__isnull=False).count, [complaint]


def letter_posted(desk: Desk):
    complaint, owed = to_be_told(desk, phone="", postal_address="18 Liuyin Road")
    letters.prepare(complaint.pk, notice_ids=owed[:1], actor=desk.handler, at=desk.at + HOUR)

    def act(number: int):
        given = {"notice_ids": owed[:1], "on": timezone.localdate()}
        return letters.posted(complaint.pk, **given, **now_by(desk.handlers, number))

    return act, Telling.objects.filter(notice__in=owed[:1], undone_at=None).count, [complaint]


def posters_started(desk: Desk):
    """The same form sent by two windows of one person."""
    given = {"person": desk.cast.director, "paper": "a4", "languages": "both", "submission_key": uuid.uuid4()}

    def act(number: int):
        return posters.start(desk.cast.west, **given, at=timezone.now())

    return act, PosterRun.objects.filter(submission_key=given["submission_key"]).count, []


def told_in_vain(desk: Desk):
    complaint, _owed = to_be_told(desk)

    def act(number: int):
        return saying.not_reached(complaint.pk, outcome="no_answer", number=1, **now_by(desk.handlers, number))

    return act, events_of(complaint, "telling_tried"), [complaint]


def refused_for_good(desk: Desk):
    """A mail to a customer that a worker and the sweep come to settle."""
    complaint = desk.case()
    notice = Notice.objects.filter(complaint=complaint, to_customer=True).earliest("pk")
    Notice.objects.filter(pk=notice.pk).update(state=Notice.State.DEAD, last_error="550 no such user")

    def act(number: int):
        return records.settle(notice.pk, at=timezone.now())

    return act, events_of(complaint, "telling_failed"), [complaint]


def not_arrived(desk: Desk):
    """A provider that reports a failed text message several times at once."""
    complaint = desk.case()
    notice = Notice.objects.filter(complaint=complaint, to_customer=True).earliest("pk")
    ref = f"ref{notice.pk}"
    taken = {"channel": "sms", "state": Notice.State.SENT, "sent_at": timezone.now(), "send_ref": ref}
    Notice.objects.filter(pk=notice.pk).update(**taken, address="+8613900004417")
    receipt = Receipt(number="8613900004417", delivered=False, why="absent", ref=ref)

    def act(number: int):
        return receipts.take(receipt, at=timezone.now())

    return act, events_of(complaint, "telling_failed"), [complaint]


def call(desk: Desk):
    complaint = desk.case(Status.RESOLVED)
    owed = complaint.callbacks.get()

    def act(number: int):
        given = {"solved": True, "rating": 5, "words": "Fine", "number": 1}
        return callbacks.record_attempt(owed.pk, outcome="reached", **given, **now_by(desk.handlers, number))

    return act, events_of(complaint, "callback_attempted"), [complaint]


def moved(verb: str, do: Callable) -> Race:
    return on_part(verb, Desk.escalation, "escalation_signed", do)


def later(desk: Desk) -> datetime:
    return desk.now + 3 * DAY


def reply(desk: Desk):
    complaint = desk.case()

    def act(number: int):
        given = {"body": "We look", "submission_key": f"r{complaint.pk}", "files": [desk.file()]}
        return undo_send.reply(complaint.pk, actor=desk.handler, at=timezone.now(), **given)

    return act, WaitingReply.objects.filter(complaint=complaint).count, [complaint]
