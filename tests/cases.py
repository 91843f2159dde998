"""Complaints at every stage, made through the same verbs that people use."""

from datetime import datetime, timedelta

from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.intake import receiving
from complaints.models import Complaint
from complaints.steps import lifecycle
from tests.cast import Cast

# What the event of an imported case says.
IMPORTED = {"file": "old.csv", "line": 2, "to": "received", "waived": []}
NARRATIVE = "I filled up at pump 4 and it said 52.3 litres. My tank holds 50."


def logged(cast: Cast, at: datetime, **given) -> Complaint:
    """A complaint that the frontline of hexi logged by phone."""
    fields = {
        "narrative": NARRATIVE,
        "channel": "phone",
        "team": cast.hexi,
        "site": cast.hexi,
        "name": "Wang Jianguo",
        "phone": "139 0000 4417",
        "email": "wang@customer.example",
        "language": "en",
    } | given
    return receiving.log(receiving.Intake(**fields), actor=Actor.staff(cast.frontline), at=at)


def verification_data(at: datetime) -> dict:
    """Everything that the gate of "verify" asks for."""
    return {
        "identity_confirmed": True,
        "occurred_at": at - timedelta(hours=15),
        "place": "Pump 4",
        "evidence_asked": True,
        "tried_already": "Asked the shift leader twice, no answer",
        "desired_outcome": "Measure the pump; pay back what was too much",
        "restatement": "Pump 4 showed 52.3 L; the tank holds 50 L.\nThe attendant refused to print a receipt.",
        "confirmed_how": "phone",
    }


def assignment_data(cast: Cast) -> dict:
    return {"category": cast.metering, "severity": "urgent", "team": cast.hexi, "handler": cast.handler}


def resolution_data(cast: Cast) -> dict:
    return {
        "finding_1": "Measured five times: +1.9 %",
        "finding_2": "The printer was out of paper",
        "cause": cast.drift,
        "solution": "Pump closed off, 186 yuan paid back",
        "told_how": "phone",
        "told_note": "Pump 4 measured 1.9 % too much. You have your 186 yuan back.",
    }


def archive_data(cast: Cast) -> dict:
    return {"responsibility": "Equipment service", "lesson": "Measure after every seal change"}


def finish_callbacks(complaint: Complaint):
    """The callback was made: what is asked for before a case is archived."""
    complaint.callbacks.update(state="done")


def at_stage(cast: Cast, status: str, at: datetime, **given) -> Complaint:
    """A complaint that went by the book to `status`, one minute a step, starting at `at`."""
    complaint = logged(cast, at, **given)
    steps = [
        (Status.VERIFIED, "verify", Actor.staff(cast.handler), verification_data(at)),
        (Status.ASSIGNED, "assign", Actor.staff(cast.supervisor), assignment_data(cast)),
        (Status.RESOLVED, "resolve", Actor.staff(cast.handler), resolution_data(cast)),
        (Status.FEEDBACK, "record_feedback", CUSTOMER, {"solved": True, "rating": 5}),
        (Status.ARCHIVED, "archive", Actor.staff(cast.handler), archive_data(cast)),
    ]
    for minute, (reached, action, actor, data) in enumerate(steps, start=1):
        if complaint.status == status:
            break
        complaint = lifecycle.perform(complaint.pk, action, actor=actor, at=at + timedelta(minutes=minute), data=data)
        assert complaint.status == reached
    return complaint
