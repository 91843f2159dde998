"""A desk with a small set of cases, one for every form that can be sent."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import Absence, AuthorityLimit, Calendar, Role
from complaints.case.actors import SYSTEM, Actor
from complaints.choices import Status
from complaints.conversation import undo_send
from complaints.customer import links, representatives
from complaints.models import Complaint, Option, ReplyTemplate
from complaints.queue import bulk, saved_views
from complaints.steps import lifecycle, options
from followups.models import Notice
from followups.outbox import notices
from followups.promises import overpromise, promises
from followups.telling import letters
from tests.cases import at_stage, finish_callbacks, logged
from tests.cast import build_cast
from tests.complaints.customer.customer_link import awaiting_confirmation
from tests.complaints.steps import appealed
from tests.followups.board.at_the_board import asked, dead

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Scene:
    """The cast, and what recipes name; made by the verbs."""

    def __init__(self):
        self.cast = cast = build_cast()
        self.now: datetime = timezone.now()
        self.at = at = self.now - 2 * HOUR
        self.handler = Actor.staff(cast.handler)
        self.received = logged(cast, at)
        self.verified = at_stage(cast, Status.VERIFIED, at)
        self.assigned = at_stage(cast, Status.ASSIGNED, at)
        self.queued = at_stage(cast, Status.ASSIGNED, at)
        Complaint.objects.filter(pk=self.queued.pk).update(handler=None)
        self.resolved = at_stage(cast, Status.RESOLVED, at)
        self.told = at_stage(cast, Status.FEEDBACK, at)
        finish_callbacks(self.told)
        self.unanswered = self._unanswered()
        self.archived = at_stage(cast, Status.ARCHIVED, at)
        self.appealed, self.reviewed = appealed.made(cast, at - 4 * HOUR), appealed.reviewed(cast, at - 4 * HOUR)
        self.restated = awaiting_confirmation(cast, at)
        self.offered, self.doubted = self._option(0), self._option(5_000)
        self.escalations = [asked(cast, at_stage(cast, Status.ASSIGNED, at), at) for _move in range(4)]
        # At night and at a weekend it would be asked whether anybody is there.
        confirmed = frozenset({overpromise.HOURS, overpromise.RECORD})
        said = {"kind": "reply", "words": "We call", "due_at": self.now + 2 * DAY, "confirmed": confirmed}
        self.promise = promises.make(self.assigned.pk, **said, actor=self.handler, at=at)
        self.callback = self.resolved.callbacks.get()
        somebody = {"name": "Wang Xiaoyan", "relation": "family", "may": "read", "consent": "She may"}
        self.representative = representatives.add(self.assigned.pk, somebody, at=self.now)
        self.waiting = undo_send.reply(self.assigned.pk, body="We look at it", actor=self.handler, at=self.now)
        self.undelivered = dead(self.received)
        self.bell = self._bell()
        self.to_call = logged(cast, at, phone="138 1111 2222", email="")
        self.to_say = Notice.objects.get(complaint=self.to_call, state=Notice.State.TO_SAY)
        self.to_write, self.printed = (self._letter() for _letter in range(2))
        letters.prepare(self.printed.case_id, notice_ids=[self.printed.pk], actor=self.handler, at=at)
        self.view = saved_views.save(cast.handler, name="Mine", query="view=all", team_id=None, at=at)
        chosen = Complaint.objects.filter(pk__in=[self.received.pk, self.assigned.pk])
        self.run = bulk.choose(cast.supervisor, "reassign", chosen, at=at, data={})
        self.absence = Absence.objects.create(
            person=cast.handler, begins_at=self.now + DAY, ends_at=self.now + 2 * DAY, deputy=cast.colleague
        )

        Calendar.objects.create(name="Day and night", always_open=True)
        AuthorityLimit.objects.create(team=cast.company, role=Role.HANDLER, amount=200)
        ReplyTemplate.objects.create(name="Thanks", body="{salutation}, thanks", body_zh="{salutation}，谢谢")

    def _option(self, amount: int) -> Option:
        complaint = at_stage(self.cast, Status.ASSIGNED, self.at)
        return options.offer(complaint.pk, words="Paid back", amount=Decimal(amount), actor=self.handler, at=self.at)

    def _unanswered(self) -> Complaint:
        """Who says that it is not solved is worked for again without a step."""
        complaint = at_stage(self.cast, Status.RESOLVED, self.at)
        finish_callbacks(complaint)
        return lifecycle.perform(complaint.pk, "record_feedback", actor=SYSTEM, at=self.now, data={"no_answer": True})

    def _letter(self) -> Notice:
        written = logged(self.cast, self.at, phone="", email="", postal_address="18 Liuyin Road")
        return Notice.objects.get(complaint=written, state=Notice.State.TO_SAY)

    def _bell(self) -> Notice:
        said = {"complaint": self.received, "data": {}, "at": self.at}
        notices.tell_person(self.cast.handler, "assigned", key="fuzz", **said)
        return Notice.objects.latest("pk")

    def typed(self, moment: datetime) -> str:
        """A moment as a browser sends it."""
        return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")

    def token(self, complaint: Complaint) -> str:
        return links.unseal(complaint.token_sealed)

    def version(self, complaint: Complaint) -> int:
        return Complaint.objects.values_list("version", flat=True).get(pk=complaint.pk)
