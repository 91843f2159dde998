import pytest

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.errors import NotAllowedNow
from complaints.steps import verification
from tests.cases import at_stage, logged, verification_data


def test_progress_is_kept_without_taking_the_step(cast, at):
    complaint = logged(cast, at)
    actor = Actor.staff(cast.frontline)
    saved = verification.save_progress(complaint.pk, actor=actor, at=at, data={"tried_already": "Called twice"})
    assert saved.status == Status.RECEIVED
    assert saved.verification.tried_already == "Called twice"
    assert complaint.events.filter(kind="verification_saved").count() == 1
    verification.save_progress(complaint.pk, actor=actor, at=at, data={"tried_already": "Called twice"})
    assert complaint.events.filter(kind="verification_saved").count() == 1, "nothing new is no event"


def test_one_point_a_line_and_findings_stay_with_their_point(cast, at):
    complaint = logged(cast, at)
    actor = Actor.staff(cast.frontline)
    verification.save_progress(complaint.pk, actor=actor, at=at, data={"restatement": "A\n\n B \nA"})
    assert [str(point) for point in complaint.points.all()] == ["1. A", "2. B"]
    complaint.points.filter(number=2).update(finding="found")
    verification.save_progress(complaint.pk, actor=actor, at=at, data={"restatement": "B\nC"})
    assert [(p.text, p.finding) for p in complaint.points.all()] == [("B", "found"), ("C", "")]


def test_after_verification_nothing_is_saved_by_this_door(cast, at):
    complaint = at_stage(cast, Status.VERIFIED, at)
    with pytest.raises(NotAllowedNow):
        verification.save_progress(complaint.pk, actor=Actor.staff(cast.frontline), at=at, data=verification_data(at))


def test_the_customer_confirms_our_words_once(cast, at):
    complaint = logged(cast, at)
    with pytest.raises(NotAllowedNow):
        verification.confirm_restatement(complaint.pk, at=at)
    data = verification_data(at) | {"confirmed_how": "link"}
    verification.save_progress(complaint.pk, actor=Actor.staff(cast.frontline), at=at, data=data)
    for _ in range(2):
        verification.confirm_restatement(complaint.pk, at=at, words="Yes, that is it")
    assert complaint.events.filter(kind="restatement_confirmed").count() == 1
