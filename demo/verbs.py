"""The verbs that stories are told with. Each calls the one that a page calls; none writes a row itself.

A verb takes the scene of its line and reads `scene.what`: a text, or a mapping whose keys are named in the
body. It raises what the desk raises when the line breaks a rule.
"""

from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from complaints.choices import Channel, ToldHow
from complaints.conversation import messages
from complaints.evidence import attaching
from complaints.intake import receiving
from complaints.models import Complaint, Message, Option
from complaints.steps import assignment, lifecycle, options, resolution, verification
from complaints.steps.archive import propose_invalid
from demo import verbs_appeals
from demo.context import Scene
from demo.material import drawn
from demo.stories import KEY, LOGS
from followups.callbacks import callbacks
from followups.escalation import escalations
from followups.models import Promise, Telling
from followups.policies import telling_calls
from followups.promises import promises
from followups.promises.overpromise import HOURS, RECORD
from followups.telling import saying

# Where the customer stands there, or is on the line, when the complaint is logged.
AT_THE_COUNTER: dict[str, Telling.Way] = {Channel.PHONE: Telling.Way.PHONE, Channel.WALK_IN: Telling.Way.IN_PERSON}
# People tell the desk that they mean it: a night shift, a car that is on its way already.
ON_SECOND_THOUGHT = frozenset({HOURS, RECORD})


def logs(scene: Scene):
    """The complaint arrives."""
    story, teams = scene.story, scene.stage.organisation.teams
    customer = story["customer"]
    given = receiving.Intake(
        narrative=scene.text(story["says"]),
        subject=story["subject"],
        desired_outcome=scene.text(story["wants"]),
        channel=story["via"],
        kind=story.get("kind", "complaint"),
        severity=story["severity"],
        team=teams[story.get("site", "service")],
        site=teams[story["site"]] if "site" in story else None,
        occurred_at=scene.moment(story["happened"]),
        place=story["place"],
        name=customer.get("name", ""),
        title=customer.get("title", ""),
        phone=customer.get("phone", ""),
        email=customer.get("email", ""),
        postal_address=customer.get("address", ""),
        call_hours=customer.get("call", ""),
        language=story["in"],
        wishes_no_contact=story.get("no contact", False),
        named_people=[scene.stage.people[name] for name in story.get("named", ())],
        submission_key=KEY.format(story["key"]),
    )
    complaint = receiving.log(given, actor=scene.actor, at=scene.at)
    if given.channel in AT_THE_COUNTER:
        # The number is said while the customer is still there.
        owed = telling_calls.to_say(complaint).values_list("pk", flat=True)
        if owed:
            way = AT_THE_COUNTER[given.channel]
            saying.said(complaint.pk, notice_ids=list(owed), way=way, actor=scene.actor, at=scene.at)
    scene.stage.ids[story["key"]] = complaint.pk
    scene.stage.references[story["key"]] = complaint.reference


def says(scene: Scene):
    """To the customer; with `wait` the case waits for an answer."""
    waits = isinstance(scene.what, dict)
    body = scene.what["text"] if waits else scene.what
    spoken = "" if _has_way(scene.complaint) else Telling.Way.PHONE.value
    _say(scene, Message.Kind.PUBLIC, body, wait_for_customer=waits, spoken=spoken)


def notes(scene: Scene):
    _say(scene, Message.Kind.INTERNAL, scene.what)


def hears(scene: Scene):
    """What the customer says on the telephone."""
    _say(scene, Message.Kind.INBOUND, scene.what, channel=Channel.PHONE)


def _say(scene: Scene, kind: str, body: str, **more):
    messages.say(scene.complaint_id, kind=kind, body=scene.text(body), actor=scene.actor, at=scene.at, **more)


def writes(scene: Scene):
    messages.customer_says(scene.complaint_id, body=scene.text(scene.what), at=scene.at)


def adds(scene: Scene):
    """Photos, drawn on the spot: sent by the customer on the link, or taken by staff."""
    incoming = [
        attaching.examine(SimpleUploadedFile(row["label"], scene.stage.photos[drawn(row)], "image/jpeg"))
        for row in scene.what
    ]
    if scene.actor.is_customer:
        attaching.attach(scene.complaint, incoming, actor=scene.actor, at=scene.at, public=True)
    else:
        attaching.add(scene.complaint_id, incoming, actor=scene.actor, at=scene.at, public=True)


def saves_check(scene: Scene):
    verification.save_progress(scene.complaint_id, actor=scene.actor, at=scene.at, data=_check(scene, ""))


def verifies(scene: Scene):
    """Without anything more: what was saved before is complete now."""
    _perform(scene, "verify", _check(scene, "phone") if scene.what else {})


def _check(scene: Scene, confirmed: str) -> dict:
    what = scene.what
    return {
        "identity_confirmed": what.get("identity", True),
        "evidence_asked": what.get("identity", True),
        "tried_already": what["tried"],
        "restatement": "\n".join(what["points"]),
        "confirmed_how": what.get("confirmed", confirmed),
        "not_confirmed_reason": what.get("why", ""),
    }


def confirms(scene: Scene):
    verification.confirm_restatement(scene.complaint_id, at=scene.at, words=scene.text(scene.what))


def assigns(scene: Scene):
    what = scene.what
    data = {
        "category": scene.stage.organisation.categories[what["category"]],
        "severity": what.get("severity", scene.story["severity"]),
        "team": _team(scene),
        "handler": scene.stage.people.get(what.get("to")),
    }
    _perform(scene, "assign", data)


def takes(scene: Scene):
    _perform(scene, "take", {})


def reassigns(scene: Scene):
    data = {"team": _team(scene), "handler": scene.stage.people[scene.what["to"]], "reason": scene.what["reason"]}
    _perform(scene, "reassign", data)


def _team(scene: Scene):
    named = scene.what.get("team")
    return scene.stage.organisation.teams[named] if named else scene.complaint.team


def changes_severity(scene: Scene):
    what = scene.what
    assignment.change_severity(
        scene.complaint_id, severity=what["to"], reason=what["reason"], actor=scene.actor, at=scene.at
    )


def offers(scene: Scene):
    what = scene.what
    options.offer(
        scene.complaint_id,
        words=scene.text(what["words"]),
        amount=Decimal(what["amount"]),
        expires_at=scene.moment(what["until"]),
        actor=scene.actor,
        at=scene.at,
    )


def approves(scene: Scene):
    options.decide(_option(scene, scene.what).pk, approve=True, actor=scene.actor, at=scene.at)


def declines(scene: Scene):
    option = _option(scene, scene.what["option"])
    options.decide(option.pk, approve=False, reason=scene.what["reason"], actor=scene.actor, at=scene.at)


def chooses(scene: Scene):
    """On the link; noted by staff, it was said on the telephone."""
    channel = Channel.LINK if scene.actor.is_customer else Channel.PHONE
    options.choose(_option(scene, scene.what).pk, actor=scene.actor, at=scene.at, channel=channel)


def _option(scene: Scene, number: int) -> Option:
    """The first offer is number 1."""
    return Option.objects.filter(complaint=scene.complaint_id).order_by("id")[number - 1]


def saves_result(scene: Scene):
    resolution.save_progress(scene.complaint_id, actor=scene.actor, at=scene.at, data=_findings(scene))


def resolves(scene: Scene):
    what = scene.what
    told, note, reply = what["told"], scene.text(what.get("note")), scene.text(what.get("reply"))
    if told == ToldHow.MESSAGE and not _has_way(scene.complaint):
        # Read out on the telephone.
        told, note, reply = ToldHow.PHONE, reply, ""
    data = _findings(scene) | {
        "cause": scene.stage.organisation.causes[what["cause"]],
        "solution": scene.text(what["solution"]),
        "adopted": what.get("adopted"),
        "told_how": told,
        "told_note": note,
        "reply": reply,
    }
    _perform(scene, "resolve", data)


def _findings(scene: Scene) -> dict:
    return {f"finding_{number}": scene.text(words) for number, words in enumerate(scene.what["findings"], start=1)}


def rates(scene: Scene):
    _perform(scene, "record_feedback", dict(scene.what))


def calls(scene: Scene):
    """Back, after the result: reached with an answer, or not ("no_answer")."""
    callback = scene.complaint.callbacks.get(state=callbacks.State.OPEN)
    reached = isinstance(scene.what, dict)
    callbacks.record_attempt(
        callback.pk,
        outcome=callbacks.REACHED if reached else scene.what,
        actor=scene.actor,
        at=scene.at,
        **(scene.what if reached else {}),
    )


def archives(scene: Scene):
    what = scene.what
    data = {"responsibility": what["responsibility"], "lesson": what["lesson"]}
    _perform(scene, "archive", data | {"exception_reason": what.get("exception", "")})


def closes(scene: Scene):
    what = scene.what
    original = Complaint.objects.get(pk=scene.stage.ids[what["of"]]) if "of" in what else None
    _perform(scene, "close_early", {"outcome": what["outcome"], "reason": what["reason"], "duplicate_of": original})


def proposes_invalid(scene: Scene):
    propose_invalid(scene.complaint_id, reason=scene.what, actor=scene.actor, at=scene.at)


def reopens(scene: Scene):
    _perform(scene, "reopen", {"reason": scene.text(scene.what)})


def _has_way(complaint: Complaint) -> bool:
    """Whether a message reaches the customer; of who wants no contact nobody asks."""
    customer = complaint.customer
    return customer is None or complaint.wishes_no_contact or customer.can_be_written_to


def _perform(scene: Scene, action: str, data: dict):
    lifecycle.perform(scene.complaint_id, action, actor=scene.actor, at=scene.at, data=data)


def makes_promise(scene: Scene):
    what = scene.what
    promises.make(
        scene.complaint_id,
        kind=what["kind"],
        words=scene.text(what["words"]),
        due_at=scene.moment(what["due"]),
        actor=scene.actor,
        at=scene.at,
        confirmed=ON_SECOND_THOUGHT,
    )


def keeps(scene: Scene):
    promises.keep(_promise(scene, scene.what).pk, actor=scene.actor, at=scene.at)


def moves(scene: Scene):
    what = scene.what
    promises.move(
        _promise(scene, what["kind"]).pk,
        due_at=scene.moment(what["to"]),
        reason=what["reason"],
        actor=scene.actor,
        at=scene.at,
        confirmed=ON_SECOND_THOUGHT,
    )


def _promise(scene: Scene, kind: str) -> Promise:
    """The open promise of this kind that somebody made in words."""
    return Promise.objects.get(complaint=scene.complaint_id, kind=kind, policy=None, state=Promise.State.OPEN)


def escalates(scene: Scene):
    what = scene.what
    escalations.escalate_by_hand(
        scene.complaint_id, note=what["why"], tried=what["tried"], actor=scene.actor, at=scene.at
    )


def signs(scene: Scene):
    """For everything that waits for a signature on this complaint."""
    for escalation in scene.complaint.escalations.filter(signed_at=None):
        escalations.sign(escalation.pk, note=scene.what, actor=scene.actor, at=scene.at)


VERBS = verbs_appeals.VERBS | {
    LOGS: logs,
    "says": says,
    "notes": notes,
    "hears": hears,
    "writes": writes,
    "adds": adds,
    "saves check": saves_check,
    "verifies": verifies,
    "confirms": confirms,
    "assigns": assigns,
    "takes": takes,
    "reassigns": reassigns,
    "changes severity": changes_severity,
    "offers": offers,
    "approves": approves,
    "declines": declines,
    "chooses": chooses,
    "notes choice": chooses,
    "saves result": saves_result,
    "resolves": resolves,
    "rates": rates,
    "calls": calls,
    "archives": archives,
    "closes": closes,
    "proposes invalid": proposes_invalid,
    "reopens": reopens,
    "promises": makes_promise,
    "keeps": keeps,
    "moves": moves,
    "escalates": escalates,
    "signs": signs,
}
