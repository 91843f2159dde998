"""One complaint by its reference is the one that the ordinary query gives, for whoever asks."""

import pytest

from accounts.models import Membership, Person, Role
from complaints.case.visible import one_visible_to
from complaints.choices import Status
from complaints.models import Complaint
from tests.cases import at_stage

WHO = ["frontline", "handler", "supervisor", "director", "reviewer", "auditor", "administrator", "stranger"]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("stage", [Status.RECEIVED, Status.ASSIGNED])
def test_it_is_seen_by_whom_the_ordinary_query_shows_it(cast, at, who, stage):
    made = at_stage(cast, stage, at)
    ordinary = Complaint.objects.visible_to(getattr(cast, who)).filter(reference=made.reference).first()
    found = one_visible_to(getattr(cast, who), made.reference)
    assert found == ordinary
    if found is not None:
        assert {f.attname: getattr(found, f.attname) for f in Complaint._meta.concrete_fields} == {
            f.attname: getattr(ordinary, f.attname) for f in Complaint._meta.concrete_fields
        }


def test_who_is_named_or_loses_a_role_sees_it_no_longer(cast, at):
    made = at_stage(cast, Status.ASSIGNED, at)
    handler = Person.objects.get(pk=cast.handler.pk)
    assert one_visible_to(handler, made.reference) == made
    made.named_people.add(handler)
    assert one_visible_to(handler, made.reference) is None
    supervisor = Person.objects.get(pk=cast.supervisor.pk)
    assert one_visible_to(supervisor, made.reference) == made
    Membership.objects.filter(person=supervisor, role=Role.SUPERVISOR).delete()
    assert one_visible_to(Person.objects.get(pk=supervisor.pk), made.reference) is None
