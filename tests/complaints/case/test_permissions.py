"""Who may do what with a case, by role and stage."""

import pytest

from complaints.case import permissions
from complaints.case.permissions import allowed, has_role, refuse_without
from complaints.choices import Status
from complaints.errors import NotPermitted
from complaints.models import Complaint
from tests.cases import at_stage, logged

# Each with what its holder may do with a received, an assigned and an archived case of Hexi station.
EVERYBODY = {"speak", "correct_facts", "see_customer_link", "issue_link", "call_customer"}
WHILE_OPEN = {"add_evidence", "change", "promise", "escalate"}
HANDLER = EVERYBODY | {"see_responsibility"}
SUPERVISOR = HANDLER | {"sign_escalations", "name_verifier"}
EARLY = {"propose_invalid", "save_verification"}
MAY = {
    "frontline": (
        EVERYBODY | WHILE_OPEN | EARLY,
        EVERYBODY | WHILE_OPEN | {"propose_invalid", "note_choice"},
        EVERYBODY | {"take_appeal"},
    ),
    "handler": (
        HANDLER | WHILE_OPEN | EARLY | {"close_early"},
        HANDLER | WHILE_OPEN | {"propose_invalid", "note_choice", "close_early", "save_result", "offer_options"},
        HANDLER | {"take_appeal"},
    ),
    "supervisor": (
        SUPERVISOR | WHILE_OPEN | EARLY | {"close_early"},
        SUPERVISOR
        | WHILE_OPEN
        | {"propose_invalid", "note_choice", "close_early", "save_result", "offer_options", "approve_options"},
        SUPERVISOR | {"take_appeal"},
    ),
    "reviewer": (
        {"speak", "see_responsibility", "add_evidence"},
        {"speak", "see_responsibility", "add_evidence"},
        {"speak", "see_responsibility", "decide_appeal"},
    ),
}


def names(person, complaint) -> set[str]:
    return {each.name for each in allowed(person, complaint)}


@pytest.mark.parametrize("who", list(MAY))
@pytest.mark.parametrize(("number", "status"), list(enumerate([Status.RECEIVED, Status.ASSIGNED, Status.ARCHIVED])))
def test_by_role_and_stage(cast, at, who, number, status):
    complaint = at_stage(cast, status, at)
    assert names(getattr(cast, who), complaint) == MAY[who][number]


def test_who_is_named_in_it_and_strangers_may_nothing(cast, at):
    complaint = logged(cast, at)
    assert names(cast.stranger, complaint) == set()
    complaint.named_people.add(cast.handler)
    assert names(cast.handler, Complaint.objects.get(pk=complaint.pk)) == set()


def test_a_verb_without_the_role_is_refused_in_its_words_whoever_asks(cast, at):
    complaint = logged(cast, at)
    assert not has_role(permissions.SPEAK, None, complaint)
    for person in (None, cast.frontline):
        with pytest.raises(NotPermitted, match="Only they"):
            refuse_without(permissions.SIGN_ESCALATIONS, person, complaint, "Only they")
    refuse_without(permissions.SIGN_ESCALATIONS, cast.supervisor, complaint, "Only they")


def test_every_permission_is_one_of_those_asked(cast, at):
    found = [each for each in vars(permissions).values() if isinstance(each, permissions.Permission)]
    assert list(permissions.PERMISSIONS) == found
    assert len({each.name for each in found}) == len(found)
