"""Appeals in the desk: taken on any channel, begun and decided by a reviewer who had no part in it."""

import pytest
import time_machine

from complaints.choices import Status
from complaints.models import Appeal, Complaint, OutsideHelp
from tests.complaints.steps.appealed import GROUNDS, HOUR, closed, decided, made, reviewed
from tests.pages import Desk

KEY = "8e5c2f0e-1d4b-4f9f-9a53-6a1ab5b3d2f1"


@pytest.fixture
def at(at):
    with time_machine.travel(at + 4 * HOUR, tick=False):
        yield at


def answers(cast, **typed):
    given = {"upheld_1": "right", "reason_1": "You are", "upheld_2": "stays", "reason_2": "You have them"}
    given |= {"assignee": f"{cast.hexi.pk}-{cast.colleague.pk}", "outside": outside()}
    return given | typed


def outside() -> list[int]:
    return list(OutsideHelp.objects.values_list("pk", flat=True))


def test_staff_take_it_from_more_actions_and_once(cast, at):
    desk = Desk(cast.frontline, closed(cast, at))
    assert "/appeal/" in desk.get("case").text
    assert "The attendant refused to print a receipt." in desk.get("take_appeal").text
    typed = {"channel": "letter", "points": ["2"], "grounds": GROUNDS, "wanted": "", "submission_key": KEY}
    for _press in range(2):
        assert desk.post("take_appeal", **typed).status_code == 302
    appeal = Appeal.objects.get()
    assert (appeal.channel, appeal.taken_by) == ("letter", cast.frontline)
    text = desk.get("case").text
    assert GROUNDS in text
    assert "Review it" not in text, "for reviewers"
    assert desk.get("take_appeal").status_code == 302, "once for each result"
    assert desk.post("take_appeal", **typed | {"submission_key": ""}).status_code == 409


def test_what_is_missing_stands_beside_its_field(cast, at):
    desk = Desk(cast.frontline, closed(cast, at))
    response = desk.post("take_appeal", channel="pigeon", grounds="")
    assert (response.status_code, response.context["form"].errors.keys()) == (422, {"channel", "points", "grounds"})


@pytest.mark.parametrize("who", ["reviewer", "auditor"])
def test_who_does_not_work_on_cases_takes_none(cast, at, who):
    desk = Desk(getattr(cast, who), closed(cast, at))
    assert desk.get("take_appeal").status_code == 403
    assert desk.post("take_appeal", points=["1"], grounds="No", channel="phone").status_code == 403


def test_a_reviewer_begins_and_decides_and_then_it_is_in_other_hands(cast, at):
    desk = Desk(cast.reviewer, made(cast, at).complaint)
    assert "Review it" in desk.get("case").text
    response = desk.post("review_appeal")
    assert response["Location"].endswith("/appeal/decide/")
    text = desk.get("decide_appeal").text
    assert "Found then: The printer was out of paper" in text
    assert "Pump 4 measured 1.9 % too much." in text
    assert f"{cast.hexi.pk}-{cast.handler.pk}" not in text, "whose finding may fall"
    assert desk.post("decide_appeal", **answers(cast)).status_code == 302
    case = Complaint.objects.get(pk=desk.pk)
    assert (case.status, case.handler, case.appeals.get().state) == (Status.ASSIGNED, cast.colleague, "partly")
    text = Desk(cast.colleague, case).get("case").text
    assert "Upheld in part" in text


def test_every_point_is_answered_before_it_is_decided(cast, at):
    desk = Desk(cast.reviewer, reviewed(cast, at).complaint)
    response = desk.post("decide_appeal", **answers(cast, upheld_1="", reason_2=" ", assignee=""))
    assert (response.status_code, set(response.context["form"].errors)) == (422, {"upheld_1", "reason_2"})
    response = desk.post("decide_appeal", **answers(cast, assignee=""))
    assert set(response.context["form"].errors) == {"assignee"}
    response = desk.post("decide_appeal", **answers(cast, upheld_1="stays", outside=[]))
    assert set(response.context["form"].errors) == {"outside"}
    response = desk.post("decide_appeal", **answers(cast, reason_1="By {promised}"))
    assert set(response.context["form"].errors) == {"reason_1"}
    assert "You have them" in response.text
    assert Appeal.objects.get().is_open


def test_nobody_else_begins_or_decides(cast, at):
    appeal = made(cast, at)
    for who in (cast.handler, cast.supervisor, cast.auditor, cast.director):
        desk = Desk(who, appeal.complaint)
        assert desk.post("review_appeal").status_code == 403
        assert desk.post("decide_appeal", **answers(cast)).status_code == 403
        assert desk.get("decide_appeal").status_code == 403
    assert Desk(cast.stranger, appeal.complaint).get("decide_appeal").status_code == 404
    assert Desk(cast.reviewer, appeal.complaint).get("decide_appeal").status_code == 302, "not begun"
    assert Desk(cast.reviewer, closed(cast, at)).get("decide_appeal").status_code == 403, "nothing to decide"


def test_a_reviewer_with_a_part_in_it_reads_why_not(cast, at):
    case = made(cast, at).complaint
    case.resolutions.update(resolved_by=cast.reviewer)
    text = Desk(cast.reviewer, case).get("case").text
    assert "You had a part in this complaint." in text
    assert Desk(cast.reviewer, case).post("review_appeal").status_code == 403


def test_the_dossier_holds_the_whole_appeal(cast, at):
    case = decided(cast, at).complaint
    text = Desk(cast.supervisor, case).get("print").text
    for must in ("Appeals", GROUNDS, "Because of 1", "Wu Lan", "12315, consumer rights hotline"):
        assert must in text
    assert "Review it" not in text


def test_a_case_without_an_appeal_costs_no_query_more(cast, at, django_assert_max_num_queries):
    desk = Desk(cast.reviewer, closed(cast, at))
    with django_assert_max_num_queries(10):
        desk.get("case")
