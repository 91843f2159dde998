"""How a form is addressed, by whom and with which fields: what recipes are made of (tests.fuzz.recipes)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from complaints.customer.page import fingerprint
from complaints.models import OutsideHelp
from tests.complaints.intake.log_form import typed
from tests.complaints.webform import web_form
from tests.fuzz.scene import Scene


def nothing(scene: Scene) -> list:
    """The arguments of an address that has none."""
    return []


@dataclass(frozen=True)
class Recipe:
    """`args` are those of the address, `fields` what is sent, both for a scene; `who` is of the cast, "" nobody.

    A field that is None is known, but not sent.
    """

    route: str
    who: str
    args: Callable[[Scene], list] = nothing
    fields: Callable[[Scene], dict] = lambda scene: {}
    # Tells apart several forms of one address.
    label: str = ""
    # How the form as it is meant is answered.
    taken: tuple[int, ...] = (200, 302)
    # Whether every field is asked everything of FIRST.
    thorough: bool = True

    def __str__(self):
        return f"{self.route} {self.label}".strip()


def case(name: str) -> Callable[[Scene], list]:
    return lambda scene: [getattr(scene, name).reference]


def row(name: str) -> Callable[[Scene], list]:
    return lambda scene: [getattr(scene, name).pk]


def link(name: str) -> Callable[[Scene], list]:
    return lambda scene: [scene.token(getattr(scene, name))]


def decide(what: str, **fields) -> Recipe:
    """What the customer decides on the link."""
    args = lambda scene: [scene.token(scene.received), what]  # noqa: E731 - two words of a table
    return Recipe("complaints:public_decide", "", args, lambda scene: fields, what)


def plain(**fields) -> Callable[[Scene], dict]:
    return lambda scene: fields


def web(scene: Scene) -> dict:
    """The form of a poster, each time as another one; there is no field for a place on that of a site."""
    fields = {"place": "Pump 4", "desired_outcome": "Measure it", "name": "Wang", "call_hours": "evening", "now": None}
    return web_form.typed(**fields, danger="no", email="", evidence=None)


def key() -> str:
    return str(uuid4())


def step(action: str, who: str, name: str, fields: Callable[[Scene], dict], route: str = "step") -> Recipe:
    def sent(scene: Scene) -> dict:
        return {"version": scene.version(getattr(scene, name))} | fields(scene)

    args = lambda scene: [getattr(scene, name).reference, action]  # noqa: E731 - two words of a table
    return Recipe(f"complaints:{route}", who, args, sent, action, thorough=route == "step")


def assignee(scene: Scene) -> str:
    return f"{scene.cast.hexi.pk}-{scene.cast.colleague.pk}"


def appeal(scene: Scene) -> dict:
    return {"points": "1", "grounds": "Too little", "wanted": "All of it", "submission_key": key()}


def decision(scene: Scene) -> dict:
    return {
        "upheld_1": "right",
        "reason_1": "You are right",
        "upheld_2": "stays",
        "reason_2": "You have the receipts",
        "assignee": assignee(scene),
        "outside": OutsideHelp.objects.values_list("pk", flat=True)[0],
    }


def verification(scene: Scene) -> dict:
    return {
        "identity_confirmed": "on",
        "identity_reason": "",
        "occurred_at": scene.typed(scene.at),
        "site": scene.cast.hexi.pk,
        "place": "Pump 4",
        "evidence_asked": "on",
        "tried_already": "Asked twice",
        "desired_outcome": "Measure the pump",
        "restatement": "Pump 4 showed 52.3 L\nNo receipt was printed",
        "confirmed_how": "phone",
        "not_confirmed_reason": "",
    }


def result(scene: Scene) -> dict:
    return {
        "finding_1": "Measured: +1.9 %",
        "finding_2": "No paper",
        "cause": scene.cast.drift.pk,
        "solution": "Paid back",
        "told_how": "message",
        "reply": "We measured it.",
        "told_at": "",
        "told_note": "",
    }


def assignment(scene: Scene) -> dict:
    given = {"category": scene.cast.metering.pk, "severity": "urgent", "assignee": assignee(scene)}
    return given | {"override_reason": ""}


def facts(scene: Scene) -> dict:
    return {
        "name": "Wang Jianhua",
        "title": "mr",
        "phone": "029 0000 5512",
        "email": "jianhua@customer.example",
        "postal_address": "18 Liuyin Road, Jinghe 700012",
        "way": "email",
        "call_hours": "after 18:00",
        "language": "en",
        "wishes_no_contact": None,
        "kind": "complaint",
        "site": scene.cast.hexi.pk,
        "place": "Pump 2",
        "occurred_at": scene.typed(scene.at),
        "named_people": scene.cast.colleague.pk,
        "reason": "Read back wrong",
        "version": scene.version(scene.assigned),
    }


def not_reached(outcome: str) -> Callable[[Scene], dict]:
    return plain(outcome=outcome, phone="029 0000 5512", no_other=None, number="1")


def said(kind: str) -> Callable[[Scene], dict]:
    return lambda scene: {
        "kind": kind,
        "channel": "phone",
        "body": "We look at it today",
        "wait_for_customer": "on",
        "again": "1",
        "submission_key": key(),
    }


def later(**fields) -> Callable[[Scene], dict]:
    """Fields with a moment three days ahead."""
    return lambda scene: {"due_at": scene.typed(scene.now + timedelta(days=3)), "next": "/board/"} | fields


def new_absence(scene: Scene) -> dict:
    begins, ends = (scene.typed(scene.now + timedelta(days=days)) for days in (5, 9))
    return {"begins_at": begins, "ends_at": ends, "deputy": scene.cast.colleague.pk}


def reassignment(scene: Scene) -> dict:
    return {"assignee": assignee(scene), "reason": "They know the pump"}


def another_time(scene: Scene) -> dict:
    return later(promise="new", words="We come on Tuesday")(scene)


def log(scene: Scene) -> dict:
    more = {
        "desired_outcome": "Money back",
        "occurred_at": scene.typed(scene.at),
        "place": "Pump 4",
        "other_channel": "",
        "name": "Wang Jianguo",
        "title": "mr",
        "email": "wang@customer.example",
        "postal_address": "18 Liuyin Road",
        "way": "call",
        "call_hours": "after six",
        "named_people": scene.cast.technician.pk,
        "danger": "",
        "kind": "complaint",
        "same_as": "",
        "wishes_no_contact": "",
        "draft": "log",
    }
    return typed(scene.cast, **more)


def confirmation(scene: Scene) -> dict:
    return {"seen": fingerprint(scene.restated.verification.restatement), "words": "Yes"}


def same(scene: Scene) -> dict:
    return log(scene) | {"named_people": None}


def seen(scene: Scene) -> dict:
    return {"up_to": scene.bell.pk}


# At night and at a weekend it is asked first whether anybody is there.
