"""What customers do, raced: on the form, on their link, and who may also ask (race_recipes)."""

from collections.abc import Callable
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from complaints.choices import Status
from complaints.customer import answers, decisions, new_links, page, representatives
from complaints.intake import receiving
from complaints.models import (
    Complaint,
    Evidence,
    Representative,
    StagedFile,
)
from complaints.steps import lifecycle, verification
from complaints.webform import staging
from tests import cases
from tests.complaints import samples
from tests.complaints.customer.customer_link import awaiting_confirmation
from tests.config.races import HOUR, KEY, Desk, Race, events_of


def log_form(desk: Desk):
    """The customer's form, with a file that was uploaded before."""
    form_key = uuid4()
    staging.stage(form_key, uuid4(), SimpleUploadedFile("a.pdf", samples.pdf()), at=timezone.now())
    given = {"narrative": cases.NARRATIVE, "channel": "web", "team": desk.cast.hexi, "phone": "139"}

    def act(number: int):
        return staging.log(receiving.Intake(**given, submission_key=f"web:{KEY}"), form_key, [], at=timezone.now())

    return act, Evidence.objects.filter(complaint__submission_key=f"web:{KEY}").count, []


def stage_file(desk: Desk):
    form_key, file_key, content = uuid4(), uuid4(), samples.pdf()

    def act(number: int):
        return staging.stage(form_key, file_key, SimpleUploadedFile("a.pdf", content), at=timezone.now())

    return act, StagedFile.objects.filter(form_key=form_key).count, []


def forget_files(desk: Desk):
    old = desk.now - 2 * staging.KEPT
    kept = staging.stage(uuid4(), uuid4(), SimpleUploadedFile("a.pdf", samples.pdf()), at=old)
    gone = lambda: 1 - StagedFile.objects.filter(pk=kept.pk).count()  # noqa: E731 - a word of the race
    return lambda number: staging.forget(at=desk.now), gone, []


def confirmed(verb: str, do: Callable) -> Race:
    def prepare(desk: Desk):
        complaint = awaiting_confirmation(desk.cast, desk.at)
        return lambda number: do(complaint), events_of(complaint, "restatement_confirmed"), [complaint]

    return Race(verb, prepare)


def confirm(complaint: Complaint):
    seen = page.fingerprint(complaint.verification.restatement)
    return answers.confirm(complaint.pk, {"seen": seen, "words": "Yes"}, at=timezone.now())


def confirm_restatement(complaint: Complaint):
    return verification.confirm_restatement(complaint.pk, at=timezone.now(), words="Yes")


def decided(verb: str, event: str, before: Callable[[Complaint], object] = lambda case: None, **data) -> Race:
    """What the customer decides on the link, sent by all of them at once."""

    def prepare(desk: Desk):
        complaint = desk.case(Status.ASSIGNED, language="zh-hans")
        before(complaint)
        act = getattr(decisions, verb)
        return lambda _number: act(complaint.pk, data, at=timezone.now()), events_of(complaint, event), [complaint]

    return Race(f"complaints.customer.decisions.{verb}", prepare)


SOMEBODY = {"name": "Wang Xiaoyan", "relation": "family", "may": "read", "consent": "She may see it all"}


def let_in(desk: Desk) -> Representative:
    return representatives.add(desk.case().pk, SOMEBODY, at=desk.at)


def link_asked(desk: Desk):
    """Three askings for one complaint, and as many who answer them: one link is sent."""
    complaint = desk.case()
    for _time in range(3):
        new_links.ask(complaint.reference, proof="4417", whole=False, at=desk.at)
    return lambda _number: new_links.answer_asked(timezone.now()), events_of(complaint, "link_asked"), [complaint]


def rate_as_a_duplicate(desk: Desk):
    """Not solved, said on the link of a duplicate: its original is locked first, and hears of it once."""
    original, duplicate = desk.case(), desk.case(Status.RECEIVED)
    closed = {"outcome": "duplicate", "duplicate_of": original, "reason": "The same pump"}
    lifecycle.perform(duplicate.pk, "close_early", actor=desk.supervisor, at=desk.at + HOUR, data=closed)
    told = cases.resolution_data(desk.cast) | {"others_told": "It is repaired."}
    lifecycle.perform(original.pk, "resolve", actor=desk.handler, at=desk.at + HOUR, data=told)

    said = {"solved": False, "rating": 1, "words": "Nothing came", "round": 1}
    act = lambda number: answers.rate(duplicate.pk, said, at=timezone.now())  # noqa: E731 - one of many
    return act, events_of(original, "duplicate_left"), [original, duplicate]
