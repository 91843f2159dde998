"""The third complaint of a customer about one thing goes to the top at once ("这个问题已经是第三次了")."""

from datetime import timedelta

from followups.models import Escalation, Notice
from tests.cases import logged
from tests.followups.due import history_is_whole

DAY = timedelta(days=1)


def raised(complaint) -> list[str]:
    return list(complaint.escalations.order_by("id").values_list("reason", flat=True))


def test_the_first_and_the_second_climb_nothing(cast, at):
    assert [raised(logged(cast, at + days * DAY)) for days in range(2)] == [[], []]


def test_the_third_goes_to_the_top_and_says_which_came_before(cast, at):
    first, second, third = (logged(cast, at + days * DAY) for days in range(3))
    escalation = Escalation.objects.get()
    assert (escalation.complaint, escalation.key) == (third, f"repeat:{third.pk}")
    assert (escalation.reason, escalation.team, escalation.at_top) == ("repeat", cast.company, True)
    assert escalation.note == f"{second.reference}, {first.reference}"
    assert Notice.objects.filter(event="escalated", person=cast.director).count() == 1
    assert not Notice.objects.filter(event="escalated", person=cast.supervisor).exists(), "it does not climb there"
    assert history_is_whole(third)


def test_so_does_every_later_one(cast, at):
    fourth = [logged(cast, at + days * DAY) for days in range(4)][-1]
    assert raised(fourth) == ["repeat"]
    assert fourth.escalations.get().note.count("C-") == 3


def test_danger_goes_to_the_nearest_supervisor_besides(cast, at):
    for days in range(2):
        logged(cast, at + days * DAY)
    third = logged(cast, at + 2 * DAY, severity="danger")
    assert raised(third) == ["severity", "repeat"]
    assert set(third.escalations.values_list("team", flat=True)) == {cast.west.pk, cast.company.pk}


def test_complaints_of_others_are_not_added_up(cast, at):
    for number in range(4):
        logged(cast, at, phone=f"138 0000 000{number}", name=f"Somebody {number}", email="")
    assert not Escalation.objects.exists()


def test_the_count_does_not_depend_on_who_may_see_them(cast, at):
    for site in (cast.qujiang, cast.weiyang):
        logged(cast, at, site=site, team=site)
    assert raised(logged(cast, at + DAY)) == ["repeat"]
