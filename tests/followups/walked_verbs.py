"""What can happen to a case: every verb of the desk, of the customer on the link, of the mail server and the sweep."""

from decimal import Decimal

from complaints.case import events
from complaints.case.actors import CUSTOMER, SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.choices import Channel, Severity, Status, ToldHow
from complaints.conversation import messages, undo_send
from complaints.customer import answers, page
from complaints.intake import receiving, references
from complaints.models import Appeal, Customer, Option, OutsideHelp, Resolution, WaitingReply
from complaints.steps import appeals, archive, lifecycle, options, resolution, verification
from followups.escalation import naming
from tests import cases
from tests.cases import IMPORTED
from tests.followups.walking import DAY, HOUR, MOST_CASES, OPEN, NotHere, Walk, verb

SURE = frozenset({"record", "hours", "authority"})
BEFORE_RESULT = (Status.RECEIVED, Status.VERIFIED, Status.ASSIGNED)
BOTH = {"phone": "139 0000 4417", "email": "wang@customer.example"}
CONTACTS = [
    (4, BOTH),
    (4, {"phone": "139 0000 4417", "email": ""}),
    (2, {"phone": "", "email": "wang@customer.example"}),
    (1, {"phone": "", "email": "", "name": "", "wishes_no_contact": True}),
    (1, BOTH | {"wishes_no_contact": True}),
]


def contact_of(walk: Walk) -> dict:
    return walk.draw.choices(CONTACTS, [weight for weight, _given in CONTACTS])[0][1]


def team_of(walk: Walk):
    return walk.team(walk.draw.choice(["hexi", "hexi", "weiyang", "service"]))


def severity_of(walk: Walk) -> str:
    return walk.draw.choice(list(Severity))


# A case begins


@verb(weight=2)
def log(walk: Walk):
    if len(walk.cases) >= MOST_CASES:
        raise NotHere
    named = [walk.cast.handler] if walk.chance(0.1) else []
    complaint = cases.logged(
        walk.cast,
        walk.at,
        team=walk.team("hexi"),
        severity=severity_of(walk),
        channel=walk.draw.choice(["phone", "walk_in", "web", "email"]),
        named_people=named,
        language=walk.draw.choice(["en", "zh-hans"]),
        **contact_of(walk),
    )
    walk.cases.append(complaint.pk)


@verb(weight=1)
def import_case(walk: Walk):
    """As an importer brings it: at any stage, and nothing is sent."""
    if len(walk.cases) >= MOST_CASES:
        raise NotHere
    at, contact, status = walk.at, contact_of(walk), walk.draw.choice(OPEN)
    silent = contact.get("wishes_no_contact") or walk.chance(0.3)
    customer = None if silent else Customer.objects.create(name="Wang", created_at=at, **contact)
    given = receiving.Intake(narrative="Pump 4", channel=Channel.IMPORT, team=walk.team("hexi"), customer=customer)
    complaint = receiving.build(given, received_at=at - 90 * DAY, created_at=at, logged_by=None)
    complaint.reference = references.next_references(at, 1)[0]
    complaint.status = status
    if status in (Status.RESOLVED, Status.FEEDBACK):
        complaint.reopen_until = at + 30 * DAY
    written = events.build(complaint, EventKind.IMPORTED, actor=SYSTEM, at=at, data=IMPORTED | {"to": status})
    complaint.save(force_insert=True)
    if complaint.reopen_until is not None:
        told = {"told_how": ToldHow.MESSAGE, "told_at": at - 80 * DAY, "resolved_at": at - 80 * DAY}
        Resolution.objects.create(complaint=complaint, round=1, solution="Paid", **told)
    written.complaint = complaint
    events.append_many([written])
    walk.cases.append(complaint.pk)


# The life of it


@verb(Status.RECEIVED, weight=40)
def verify(walk: Walk):
    how = walk.draw.choice(["phone", "in_person", "link", "not"])
    data = cases.verification_data(walk.at) | {"confirmed_how": how, "not_confirmed_reason": "No answer"}
    lifecycle.perform(walk.case.pk, "verify", actor=walk.working, at=walk.at, data=data)


@verb(Status.RECEIVED, weight=6)
def save_verification(walk: Walk):
    data = {"restatement": "Pump 4 shows too much.", "confirmed_how": walk.draw.choice(["link", "not"])}
    verification.save_progress(walk.case.pk, actor=walk.working, at=walk.at, data=data)


@verb(Status.RECEIVED, weight=1)
def name_verifier(walk: Walk):
    person = walk.person(walk.draw.choice(["frontline", "handler", "colleague"]))
    naming.name_verifier(walk.case.pk, person=person, actor=walk.leading, at=walk.at)


@verb(Status.VERIFIED, weight=40)
def assign(walk: Walk):
    handler = walk.draw.choice([walk.person("handler"), walk.person("colleague"), None])
    data = {
        "category": walk.cast.metering,
        "severity": severity_of(walk),
        "team": walk.team("hexi"),
        "handler": handler,
    }
    if handler is None:
        data["team"] = team_of(walk)
    lifecycle.perform(walk.case.pk, "assign", actor=walk.leading, at=walk.at, data=data)


@verb(Status.ASSIGNED)
def take(walk: Walk):
    lifecycle.perform(walk.case.pk, "take", actor=walk.handling, at=walk.at)


@verb(Status.ASSIGNED)
def reassign(walk: Walk):
    team, name = walk.draw.choice([("hexi", "handler"), ("hexi", "colleague"), ("weiyang", "neighbour"), ("hexi", "")])
    data = {"team": walk.team(team), "handler": walk.person(name) if name else None, "reason": "Knows it"}
    lifecycle.perform(walk.case.pk, "reassign", actor=walk.leading, at=walk.at, data=data)


@verb(Status.ASSIGNED)
def save_result(walk: Walk):
    resolution.save_progress(walk.case.pk, data={"solution": "Paid"}, actor=walk.handling, at=walk.at)


@verb(Status.ASSIGNED, weight=40)
def resolve(walk: Walk):
    how = walk.draw.choice(["phone", "in_person", "message", "message"])
    data = cases.resolution_data(walk.cast) | {"told_how": how}
    points = walk.case.points.values_list("number", flat=True)
    data |= {f"finding_{number}": "Looked at" for number in points}
    if how == "message" and walk.chance(0.8):
        data["reply"] = "We pay 186 yuan back."
    if walk.chance(0.2):
        data["told_at"] = walk.at - HOUR * walk.draw.random()
    lifecycle.perform(walk.case.pk, "resolve", actor=walk.handling, at=walk.at, data=data)


@verb(Status.RESOLVED, weight=6)
def record_feedback(walk: Walk):
    data = {"solved": walk.chance(0.6), "rating": walk.draw.choice([None, 1, 3, 5])}
    lifecycle.perform(walk.case.pk, "record_feedback", actor=walk.working, at=walk.at, data=data)


@verb(Status.FEEDBACK, weight=8)
def rework(walk: Walk):
    lifecycle.perform(walk.case.pk, "rework", actor=walk.handling, at=walk.at, data={"reason": "Measure again"})


@verb(Status.FEEDBACK, Status.ASSIGNED, weight=8)
def archived(walk: Walk):
    data = cases.archive_data(walk.cast) | {"cause": walk.cast.drift}
    if walk.chance(0.5):
        data["exception_reason"] = "Nothing more can be done"
    lifecycle.perform(walk.case.pk, "archive", actor=walk.handling, at=walk.at, data=data)


@verb(*BEFORE_RESULT, weight=1)
def close_withdrawn(walk: Walk):
    data = {"outcome": "withdrawn", "reason": "Logged by mistake"}
    lifecycle.perform(walk.case.pk, "close_early", actor=walk.handling, at=walk.at, data=data)


@verb(*BEFORE_RESULT, weight=2)
def close_duplicate(walk: Walk):
    others = [pk for pk in walk.cases if pk != walk.case.pk]
    data = {"outcome": "duplicate", "reason": "The same", "duplicate_of": lock(walk.one_of(others))}
    lifecycle.perform(walk.case.pk, "close_early", actor=walk.handling, at=walk.at, data=data)


@verb(*BEFORE_RESULT, weight=2)
def propose_invalid(walk: Walk):
    archive.propose_invalid(walk.case.pk, reason="A question only", actor=walk.working, at=walk.at)


@verb(*BEFORE_RESULT, weight=12)
def close_invalid(walk: Walk):
    if walk.case.invalid_proposed_by_id is None and walk.chance(0.95):
        raise NotHere
    data = {"outcome": "invalid", "reason": "A question only"}
    lifecycle.perform(walk.case.pk, "close_early", actor=walk.leading, at=walk.at, data=data)


@verb(Status.ARCHIVED, weight=8)
def reopen(walk: Walk):
    data = {"basis": "still_a_problem", "reason": "It leaks again"}
    lifecycle.perform(walk.case.pk, "reopen", actor=walk.handling, at=walk.at, data=data)


@verb(Status.ARCHIVED, weight=8)
def appeal(walk: Walk):
    by_staff = {"actor": walk.working, "channel": "letter"}
    given = walk.draw.choice([{"actor": CUSTOMER}, by_staff])
    points = walk.case.points.values_list("number", flat=True)
    appeals.make(walk.case.pk, points=[0, *points], grounds="The measurement was wrong", **given, at=walk.at)


@verb(Status.ARCHIVED, weight=12)
def begin_review(walk: Walk):
    waits = walk.one_of(Appeal.objects.filter(complaint=walk.case, state="accepted"))
    appeals.begin_review(waits.pk, actor=walk.actor("reviewer"), at=walk.at)


@verb(Status.ARCHIVED, weight=12)
def decide_appeal(walk: Walk):
    review = walk.one_of(Appeal.objects.filter(complaint=walk.case, state="review"))
    numbers = review.points.values_list("number", flat=True)
    answers = {number: appeals.Answer(walk.chance(0.5), "So we see it") for number in numbers}
    handler = walk.draw.choice([None, walk.person("colleague"), walk.person("handler")])
    given = {"team": walk.team("hexi"), "handler": handler, "outside": OutsideHelp.objects.all()}
    appeals.decide(review.pk, answers=answers, **given, actor=walk.actor("reviewer"), at=walk.at)


# What is said


def say(walk: Walk, kind: str, **more):
    messages.say(walk.case.pk, kind=kind, body="We look at it.", actor=walk.working, at=walk.at, **more)


@verb(*OPEN, weight=3)
def say_public(walk: Walk):
    say(walk, "public")


@verb(*OPEN, weight=2)
def say_spoken(walk: Walk):
    say(walk, "public", spoken=walk.draw.choice(["phone", "in_person"]))


@verb(weight=1)
def note(walk: Walk):
    say(walk, "internal")


@verb(*OPEN, weight=2)
def note_what_they_said(walk: Walk):
    say(walk, "inbound", channel="phone")


@verb(*BEFORE_RESULT, weight=3)
def wait_for_customer(walk: Walk):
    say(walk, "public", wait_for_customer=True)


@verb(*OPEN)
def write_later(walk: Walk):
    """A reply that leaves in ten seconds."""
    waits = walk.chance(0.3)
    given = {"body": "We look at it.", "wait_for_customer": waits}
    undo_send.reply(walk.case.pk, actor=walk.working, at=walk.at, **given)


@verb(weight=6)
def take_back(walk: Walk):
    reply = walk.one_of(WaitingReply.objects.filter(complaint=walk.case))
    undo_send.take_back(reply.pk, actor=walk.actor("frontline", "handler", "supervisor"))


@verb(*OPEN)
def told_again(walk: Walk):
    key = walk.case.customer.phone_key if walk.case.customer else ""
    given = {"body": "Again", "channel": "phone", "phone_key": key, "is_danger": walk.chance(0.2)}
    receiving.tell_again(walk.case.pk, actor=walk.working, at=walk.at, **given)


# The customer on the link


@verb(*OPEN)
def customer_writes(walk: Walk):
    messages.customer_says(walk.case.pk, body="When do you come?", at=walk.at)


@verb(Status.RECEIVED, Status.VERIFIED, weight=20)
def customer_confirms(walk: Walk):
    check = getattr(walk.case, "verification", None)
    if check is None or not (page.awaits_confirmation(walk.case) or walk.chance(0.05)):
        raise NotHere
    seen = page.fingerprint(check.restatement)
    answers.confirm(walk.case.pk, {"seen": seen, "words": "Yes"}, at=walk.at)


@verb(Status.ASSIGNED, weight=6)
def customer_chooses(walk: Walk):
    option = walk.one_of(Option.objects.filter(complaint=walk.case, round=walk.case.round))
    answers.choose(walk.case.pk, {"option": option.pk}, at=walk.at)


@verb(Status.RESOLVED, weight=16)
def customer_rates(walk: Walk):
    said = {"solved": walk.draw.choice([True, False, False]), "rating": walk.draw.choice([None, 1, 3, 5]), "words": ""}
    answers.rate(walk.case.pk, said | {"round": walk.case.round}, at=walk.at)


@verb(Status.ARCHIVED, weight=8)
def customer_reopens(walk: Walk):
    answers.reopen(walk.case.pk, {"reason": f"It leaks {len(walk.path)}"}, at=walk.at)


# Solutions


@verb(Status.ASSIGNED, weight=7)
def offer(walk: Walk):
    expires = walk.draw.choice([None, walk.at + 2 * DAY])
    given = {
        "words": f"Offer {len(walk.path)}",
        "amount": Decimal(walk.draw.choice([0, 0, 5000])),
        "expires_at": expires,
    }
    options.offer(walk.case.pk, **given, actor=walk.handling, at=walk.at)


@verb(Status.ASSIGNED, weight=8)
def decide_offer(walk: Walk):
    option = walk.one_of(Option.objects.filter(complaint=walk.case, needs_approval=True))
    actor = walk.actor("supervisor", "director")
    options.decide(option.pk, approve=walk.chance(0.5), reason="As the rule says", actor=actor, at=walk.at)


@verb(Status.ASSIGNED, weight=6)
def choose_for_them(walk: Walk):
    option = walk.one_of(Option.objects.filter(complaint=walk.case, round=walk.case.round))
    options.choose(option.pk, actor=walk.working, at=walk.at, channel=Channel.PHONE)


@verb(Status.ASSIGNED, weight=4)
def withdraw_offer(walk: Walk):
    option = walk.one_of(Option.objects.filter(complaint=walk.case, withdrawn_at=None))
    options.withdraw(option.pk, actor=walk.handling, at=walk.at)
