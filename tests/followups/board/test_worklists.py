from datetime import timedelta

from complaints.models import Complaint
from complaints.queue.counting import counts
from complaints.queue.worklists import WORKLISTS, worklists_of
from followups.board.worklists import to_sign
from followups.escalation import escalations
from tests.cases import logged

DAY = timedelta(days=1)


def raised(complaint, at, key="k"):
    return escalations.escalate(complaint, reason="customer", key=f"{key}:{complaint.pk}", at=at)


def held(person, at) -> set[Complaint]:
    return set(to_sign(Complaint.objects.visible_to(person), person, at))


def test_the_view_stands_behind_what_waits_for_the_customer_and_is_for_supervisors():
    keys = list(WORKLISTS)
    assert keys.index("sign") == keys.index("waiting") + 1
    assert WORKLISTS["sign"].role == "supervisor"


def test_to_sign_is_what_nobody_signed_for_yet_in_the_teams_one_supervises(cast, at):
    open_one, signed = logged(cast, at), logged(cast, at)
    logged(cast, at, name="He Jing", phone="13911112222", email="")
    raised(open_one, at)
    done = raised(signed, at)
    type(done).objects.filter(pk=done.pk).update(signed_at=at + DAY)
    assert held(cast.supervisor, at) == {open_one}
    assert held(cast.director, at) == {open_one}
    assert held(cast.handler, at) == set()
    assert held(cast.auditor, at) == set()


def test_what_climbed_to_the_top_is_no_longer_for_those_below(cast, at):
    complaint = logged(cast, at)
    escalations.escalate(complaint, reason="repeat", key="top", at=at, at_once_to_top=True)
    assert held(cast.director, at) == {complaint}
    assert held(cast.supervisor, at) == set()


def test_a_case_in_which_one_is_named_is_not_for_oneself_to_sign(cast, at):
    complaint = logged(cast, at)
    raised(complaint, at)
    complaint.named_people.add(cast.supervisor)
    assert held(cast.supervisor, at) == set()


def test_two_escalations_of_a_case_are_one_row_and_counted_once(cast, at, django_assert_num_queries):
    complaint = logged(cast, at)
    raised(complaint, at)
    raised(complaint, at, "again")
    assert list(to_sign(Complaint.objects.visible_to(cast.supervisor), cast.supervisor, at)) == [complaint]
    visible = Complaint.objects.visible_to(cast.supervisor)
    with django_assert_num_queries(1):
        assert counts(visible, cast.supervisor, at)["sign"] == 1
    assert "sign" not in worklists_of(cast.handler)
