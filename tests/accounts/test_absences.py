from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from accounts import absences
from accounts.absences import deputies_at, possible_deputies
from accounts.models import Absence
from tests.cast import build_cast
from tests.together import Meeting, at_once

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAGE = "/preferences/absences/"


@pytest.fixture
def handler(client, cast):
    client.force_login(cast.handler)
    return cast.handler


def typed(moment) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def given(now, **more) -> dict:
    return {"begins_at": typed(now + DAY), "ends_at": typed(now + 8 * DAY), "deputy": ""} | more


def away(person, at, deputy=None, *, days=1) -> Absence:
    return Absence.objects.create(person=person, begins_at=at - DAY, ends_at=at + days * DAY, deputy=deputy)


def test_who_is_away_now_has_the_deputy_of_the_absence_that_lasts_longest(cast, at):
    away(cast.handler, at, cast.frontline)
    away(cast.handler, at, cast.colleague, days=3)
    Absence.objects.create(person=cast.director, begins_at=at + HOUR, ends_at=at + DAY)
    Absence.objects.create(person=cast.auditor, begins_at=at - DAY, ends_at=at)
    assert deputies_at(at) == {cast.handler.pk: cast.colleague}


def test_a_deputy_who_is_away_or_has_left_is_none(cast, at):
    away(cast.handler, at, cast.colleague)
    away(cast.colleague, at)
    away(cast.supervisor, at, cast.director)
    cast.director.is_active = False
    cast.director.save(update_fields=["is_active"])
    assert deputies_at(at) == dict.fromkeys([cast.handler.pk, cast.colleague.pk, cast.supervisor.pk])


def test_a_deputy_works_in_the_same_team_or_above(cast):
    assert set(possible_deputies(cast.handler)) == {
        cast.frontline,
        cast.colleague,
        cast.supervisor,
        cast.director,
    }


def test_the_database_refuses_what_makes_no_sense(cast, at):
    with pytest.raises(IntegrityError):
        Absence.objects.create(person=cast.handler, begins_at=at, ends_at=at)


def test_a_person_enters_an_absence_and_sees_it(client, handler, cast, now):
    answer = client.post(PAGE, given(now, deputy=cast.colleague.pk))
    assert answer.url == PAGE
    absence = handler.absences.get()
    assert (typed(absence.begins_at), typed(absence.ends_at)) == (typed(now + DAY), typed(now + 8 * DAY))
    assert absence.deputy == cast.colleague
    assert "Deputy: Sun Yue" in client.get(PAGE).content.decode()
    assert PAGE in client.get(reverse("accounts:preferences")).content.decode()


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [
        (DAY, HOUR, "has to come after the departure"),
        (-2 * DAY, -DAY, "over already"),
        (DAY, 1000 * DAY, "more than two years"),
    ],
)
def test_an_impossible_absence_is_refused_in_words(client, handler, now, begins, ends, words):
    answer = client.post(PAGE, given(now, begins_at=typed(now + begins), ends_at=typed(now + ends)))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Absence.objects.exists()


def test_only_a_colleague_can_stand_in(client, handler, cast, now):
    for other in (cast.handler, cast.stranger):
        assert client.post(PAGE, given(now, deputy=other.pk)).status_code == 422
    assert not Absence.objects.exists()


def test_back_earlier_ends_it_now_and_a_plan_is_taken_out(client, handler, now):
    running, plan = (
        away(handler, now),
        Absence.objects.create(person=handler, begins_at=now + DAY, ends_at=now + 2 * DAY),
    )
    for absence in (running, plan):
        assert client.post(reverse("accounts:end_absence", args=[absence.pk])).url == PAGE
    assert handler.absences.get() == running
    assert deputies_at(timezone.now()) == {}


def test_nobody_ends_the_absence_of_somebody_else(client, handler, cast, now):
    absence = away(cast.colleague, now)
    assert client.post(reverse("accounts:end_absence", args=[absence.pk])).status_code == 404
    assert client.get(reverse("accounts:end_absence", args=[absence.pk])).status_code == 405
    assert deputies_at(now) == {cast.colleague.pk: None}


def test_the_same_absence_entered_twice_is_one_with_the_deputy_named_last(client, handler, cast, now):
    for deputy in (cast.colleague, cast.supervisor):
        assert client.post(PAGE, given(now, deputy=deputy.pk)).status_code == 302
    assert handler.absences.get().deputy == cast.supervisor


def page_of(person) -> str:
    return reverse("accounts:person_absences", args=[person.pk])


def test_a_supervisor_enters_the_absence_of_somebody_in_a_team_below_and_ends_it(client, cast, now):
    client.force_login(cast.supervisor)

    answer = client.post(page_of(cast.handler), given(now, deputy=cast.colleague.pk), follow=True)

    absence = cast.handler.absences.get()
    page = answer.content.decode()
    assert absence.deputy == cast.colleague
    assert "The absence of Li Min is entered." in page
    assert f"view=team&amp;handler={cast.handler.pk}" in page
    assert "Is told what Li Min would be told" in page
    assert client.post(reverse("accounts:end_absence", args=[absence.pk])).url == page_of(cast.handler)
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("who", "whose", "status"),
    [
        ("supervisor", "handler", 200),
        ("supervisor", "frontline", 200),
        ("director", "supervisor", 200),
        ("supervisor", "supervisor", 404),
        ("supervisor", "director", 404),
        ("supervisor", "stranger", 404),
        ("handler", "colleague", 403),
        ("auditor", "handler", 403),
        ("administrator", "handler", 403),
    ],
)
def test_supervisors_enter_absences_for_those_they_lead_and_nobody_else_does(client, cast, now, who, whose, status):
    client.force_login(getattr(cast, who))
    address = page_of(getattr(cast, whose))
    assert client.get(address).status_code == status
    posted = client.post(address, given(now)).status_code
    assert posted == (302 if status == 200 else status)
    assert Absence.objects.exists() == (status == 200)


def test_a_supervisor_does_not_end_the_absence_of_somebody_elses_people(client, cast, now):
    absence = away(cast.stranger, now)
    client.force_login(cast.supervisor)
    assert client.post(reverse("accounts:end_absence", args=[absence.pk])).status_code == 404


class TestAbsencesOfMyPeople:
    @pytest.fixture
    def page(self, client, cast):
        client.force_login(cast.supervisor)
        return lambda **asked: client.get(reverse("accounts:team_absences"), asked)

    def test_say_who_is_away_or_will_be_and_who_stands_in(self, page, cast, now):
        away(cast.handler, now, cast.colleague)
        Absence.objects.create(person=cast.neighbour, begins_at=now + DAY, ends_at=now + 2 * DAY)
        Absence.objects.create(person=cast.frontline, begins_at=now - 2 * DAY, ends_at=now - DAY)
        away(cast.stranger, now)
        found = page()
        assert [absence.person for absence in found.context["absences"]] == [cast.handler, cast.neighbour]
        assert "Deputy: Sun Yue" in found.content.decode()

    def test_name_the_people_of_all_teams_below_but_not_oneself(self, page, cast):
        assert set(page().context["people"]) == {
            cast.frontline,
            cast.handler,
            cast.colleague,
            cast.neighbour,
            cast.auditor,
        }

    @pytest.mark.parametrize("typed", ["zhao", "赵磊", "  ZHAO.LEI "])
    def test_find_somebody_by_name(self, page, cast, typed):
        assert page(q=typed).context["people"] == [cast.neighbour]

    @pytest.mark.parametrize("typed", ["%", "'", "\\", "x" * 5000, "🙂", "_"])
    def test_answer_clearly_whatever_is_typed(self, page, typed):
        found = page(q=typed)
        assert found.status_code == 200
        assert "Nobody of your people is called" in found.content.decode()

    def test_are_for_supervisors(self, client, cast):
        for other in (cast.handler, cast.auditor, cast.administrator):
            client.force_login(other)
            assert client.get(reverse("accounts:team_absences")).status_code == 403

    def test_cost_the_same_for_few_and_many(self, page, cast, now, django_assert_max_num_queries):
        for who in (cast.handler, cast.colleague, cast.neighbour):
            away(who, now, cast.frontline)
        with django_assert_max_num_queries(8):
            page()


def test_an_administrator_enters_the_absence_of_others(client, cast, now):
    client.force_login(cast.administrator)
    page = client.get(reverse("admin:accounts_person_change", args=[cast.handler.pk])).content.decode()
    assert 'name="absences-TOTAL_FORMS"' in page


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_absence_entered_twice_at_once_is_one(at, monkeypatch):
    cast = build_cast()
    monkeypatch.setattr(Absence, "save_base", Meeting().before(Absence.save_base))

    def enter(deputy):
        absences.enter(cast.handler, begins_at=at, ends_at=at + timedelta(days=1), deputy=deputy)

    assert at_once(lambda: enter(cast.colleague), lambda: enter(cast.supervisor)) == [None, None]
    assert Absence.objects.count() == 1


def test_an_absence_that_was_taken_out_meanwhile_is_ended_without_a_fault(cast, at):
    coming = absences.enter(cast.handler, begins_at=at, ends_at=at + timedelta(days=1), deputy=None)
    for _twice in range(2):
        absences.end(coming, at)
    running = absences.enter(cast.handler, begins_at=at, ends_at=at + timedelta(days=1), deputy=None)
    Absence.objects.all().delete()
    absences.end(running, at + timedelta(hours=1))
    assert not Absence.objects.exists()
