"""Who sees what: the named cast, one complaint at hexi, and people who must see nothing of it."""

from datetime import timedelta

import pytest

from accounts.models import Role
from complaints.choices import Status
from complaints.models import Complaint
from complaints.queue.worklists import rows_of
from complaints.visibility import roles_on
from tests.cases import at_stage, logged
from tests.cast import person

SEE_IT = ["frontline", "handler", "colleague", "supervisor", "director", "auditor"]
MUST_NOT = ["neighbour", "stranger", "technician", "administrator", "reviewer"]


def sees(somebody, complaint) -> bool:
    return Complaint.objects.visible_to(somebody).filter(pk=complaint.pk).exists()


@pytest.mark.parametrize("name", SEE_IT)
def test_the_people_of_the_site_and_those_above_see_it(cast, at, name):
    assert sees(getattr(cast, name), logged(cast, at))


@pytest.mark.parametrize("name", MUST_NOT)
def test_everybody_else_sees_nothing_of_it(cast, at, name):
    assert not sees(getattr(cast, name), logged(cast, at))


def test_who_logged_a_complaint_for_another_site_keeps_seeing_it(cast, at):
    complaint = logged(cast, at, team=cast.qujiang, site=cast.qujiang)
    assert sees(cast.frontline, complaint)
    assert not sees(cast.handler, complaint)


def test_who_is_given_a_complaint_of_another_team_sees_it(cast, at):
    complaint = logged(cast, at)
    assert not sees(cast.technician, complaint)
    Complaint.objects.filter(pk=complaint.pk).update(team=cast.service)
    assert sees(cast.technician, complaint)
    assert sees(cast.frontline, complaint), "the site where it happened keeps seeing it"


def test_an_employee_named_in_a_complaint_cannot_read_it_whatever_their_role(cast, at):
    complaint = logged(cast, at, named_people=[cast.handler, cast.supervisor, cast.frontline])
    for somebody in (cast.handler, cast.supervisor, cast.frontline):
        assert not sees(somebody, complaint)
        assert roles_on(somebody, complaint) == frozenset()
    assert sees(cast.director, complaint)


def test_a_reviewer_sees_cases_once_there_is_a_result(cast, at):
    assert not sees(cast.reviewer, at_stage(cast, Status.ASSIGNED, at))
    for status in (Status.RESOLVED, Status.FEEDBACK, Status.ARCHIVED):
        assert sees(cast.reviewer, at_stage(cast, status, at))


def test_a_person_who_left_sees_nothing(cast, at):
    complaint = logged(cast, at)
    cast.handler.is_active = False
    cast.handler.save(update_fields=["is_active"])
    assert not sees(cast.handler, complaint)


def test_a_role_taken_away_counts_from_the_next_request(cast, at):
    complaint = logged(cast, at)
    assert sees(cast.handler, complaint)
    cast.handler.memberships.all().delete()
    assert not sees(type(cast.handler).objects.get(pk=cast.handler.pk), complaint)


def test_roles_are_those_held_over_the_complaints_team_or_site(cast, at):
    complaint = logged(cast, at)
    both = person("two.hats", (Role.AUDITOR, cast.company), (Role.HANDLER, cast.qujiang))
    assert roles_on(both, complaint) == {Role.AUDITOR}
    assert roles_on(cast.supervisor, complaint) == {Role.SUPERVISOR}
    assert roles_on(cast.administrator, complaint) == frozenset()


def test_the_list_of_a_supervisor_costs_the_same_for_three_cases_and_for_thirty(cast, at, django_assert_num_queries):
    def read():
        somebody = type(cast.supervisor).objects.get(pk=cast.supervisor.pk)
        return [(c.reference, str(c.customer)) for c in rows_of(Complaint.objects.visible_to(somebody), at)]

    for _ in range(3):
        logged(cast, at)
    with django_assert_num_queries(3):
        assert len(read()) == 3
    for _ in range(27):
        logged(cast, at)
    with django_assert_num_queries(3):
        assert len(read()) == 30


def test_narrowing_methods(cast, at):
    received, resolved = logged(cast, at), at_stage(cast, Status.RESOLVED, at)
    archived = at_stage(cast, Status.ARCHIVED, at)
    assert set(Complaint.objects.open()) == {received, resolved}
    assert set(Complaint.objects.unassigned()) == {received}
    Complaint.objects.filter(pk__in=[received.pk, archived.pk]).update(next_due_at=at)
    Complaint.objects.filter(pk=resolved.pk).update(next_due_at=None)
    assert set(Complaint.objects.overdue(at + timedelta(seconds=1))) == {received}
    assert set(Complaint.objects.overdue(at)) == set()
