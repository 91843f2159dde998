"""Cases to which everything happened, in Chinese, and reading a page for English."""

from datetime import timedelta
from decimal import Decimal

from django.test import Client

from accounts.models import AuthorityLimit, Role
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Outcome, Status
from complaints.conversation import messages
from complaints.evidence import attaching
from complaints.models import Complaint
from complaints.steps import archive, lifecycle, options, verification
from followups.escalation import escalations
from followups.promises import promises
from tests.cases import at_stage, logged
from tests.complaints.customer.customer_link import photo
from tests.config import chinese

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# The one account whose name is shown, and names that everybody writes so.
NAMES = ("li.min", "Cookie", "English", "Ctrl")


def signed_in(person=None) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    if person is not None:
        client.force_login(person)
    return client


def read(answer, status=200):
    """The page has the status, is Chinese, and no English stands on it."""
    assert answer.status_code == status
    page = answer.content.decode()
    assert '<html lang="zh-Hans"' in page
    assert chinese.english_on(page, NAMES) == []


def staged(cast, status, at) -> Complaint:
    return at_stage(cast, status, at, **chinese.LOGGED)


def eventful(cast, now) -> Complaint:
    """A case being worked on to which almost everything happened that leaves a trace on its page."""
    at = now - DAY
    complaint = staged(cast, Status.ASSIGNED, at)
    handler, supervisor = Actor.staff(cast.handler), Actor.staff(cast.supervisor)
    pk, at = complaint.pk, at + HOUR
    for role, limit in ((Role.HANDLER, 200), (Role.SUPERVISOR, 1000)):
        AuthorityLimit.objects.create(team=cast.company, role=role, amount=limit)
    for words, amount in (("退还186元", 186), ("退还480元", 480), ("退还900元", 900), ("免费洗车一次", 0)):
        options.offer(pk, words=words, amount=Decimal(amount), actor=handler, at=at, expires_at=now + DAY)
    _small, approved, declined, withdrawn = complaint.options.order_by("pk")
    options.decide(approved.pk, approve=True, actor=supervisor, at=at)
    options.decide(declined.pk, approve=False, reason="超出惯例", actor=supervisor, at=at)
    options.withdraw(withdrawn.pk, actor=handler, at=at)
    for kind, body in (("public", "今天17:30前给您回电。"), ("internal", "铅封完好。"), ("inbound", "没有人打电话。")):
        channel = "phone" if kind == "inbound" else ""
        messages.say(pk, kind=kind, body=body, channel=channel, actor=handler, at=at)
    attaching.add(pk, files=[attaching.examine(photo())], actor=handler, at=at, public=True)
    due = {"visit": now - HOUR, "callback": now + HOUR, "reply": now + 3 * DAY, "corrective": now + DAY}
    made = {
        kind: promises.make(pk, kind=kind, words="技术人员上门", due_at=due_at, actor=supervisor, at=at)
        for kind, due_at in due.items()
    }
    promises.keep(made["callback"].pk, actor=handler, at=at)
    promises.move(made["reply"].pk, due_at=now + 4 * DAY, reason="等待配件", actor=handler, at=at)
    promises.withdraw(made["corrective"].pk, reason="不再需要", actor=handler, at=at)
    escalations.escalate_by_hand(pk, note="客户要求见主管", tried="已沟通两次", actor=handler, at=at)
    archive.propose_invalid(pk, reason="并未发生", actor=handler, at=at)
    return Complaint.objects.get(pk=pk)


def unanswered(cast, now) -> list[Complaint]:
    """Cases that wait: for a confirmation on the link, for an answer, in a team's queue; and two that ended."""
    handler, supervisor = Actor.staff(cast.handler), Actor.staff(cast.supervisor)
    at = now - HOUR
    confirming = logged(cast, at, **chinese.LOGGED)
    on_the_link = chinese.verified(at) | {"confirmed_how": "link"}
    verification.save_progress(confirming.pk, actor=handler, at=at, data=on_the_link)
    waiting = staged(cast, Status.ASSIGNED, at)
    body = {"kind": "public", "body": "请补充小票照片。", "wait_for_customer": True}
    messages.say(waiting.pk, **body, actor=handler, at=at + HOUR)
    queued = staged(cast, Status.VERIFIED, at)
    to_the_team = {"category": cast.metering, "severity": "danger", "team": cast.hexi}
    lifecycle.perform(queued.pk, "assign", actor=supervisor, at=at, data=to_the_team)
    silent = logged(cast, at, **chinese.LOGGED | {"phone": "", "email": "", "wishes_no_contact": True})
    duplicate = logged(cast, at, **chinese.LOGGED)
    doubled = {"outcome": Outcome.DUPLICATE, "reason": "同一件事", "duplicate_of": silent}
    lifecycle.perform(duplicate.pk, "close_early", actor=supervisor, at=at, data=doubled)
    unhappy = staged(cast, Status.RESOLVED, at)
    said = {"solved": False, "rating": 2, "words": "还在滴漏"}
    lifecycle.perform(unhappy.pk, "record_feedback", actor=CUSTOMER, at=now, data=said)
    return [confirming, waiting, queued, silent, duplicate, unhappy]
