"""Many cases handed over at once: one line under the bell, though every case keeps its notice."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.models import Complaint
from complaints.queue import bulk
from followups.models import Notice
from followups.notices import bell
from followups.outbox import notices
from tests.cases import at_stage, logged

pytestmark = pytest.mark.django_db
PAGE, PANEL, COUNT, SEEN = (
    reverse(f"followups:{name}") for name in ("notifications", "bell_panel", "bell_count", "bell_seen")
)
MY_WORK = "/queue/?view=mine"
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def minute(now):
    """The beginning of a minute that is over."""
    return now.replace(second=0, microsecond=0) - 10 * MINUTE


@pytest.fixture
def complaint(cast, minute):
    complaint = logged(cast, minute - HOUR, subject="Pump four")
    Notice.objects.all().delete()
    return complaint


@pytest.fixture
def reader(client, cast):
    client.force_login(cast.handler)
    return client


def tell(person, complaint, at, event="assigned", count=1) -> list[Notice]:
    before = Notice.objects.count()
    for number in range(before, before + count):
        notices.tell_person(person, event, complaint=complaint, key=f"o:{number}", data={}, at=at)
    return list(Notice.objects.order_by("pk")[before:])


def lines_of(person, now) -> list[bell.Line]:
    return bell.lines_together(list(bell.listed(person, now).order_by("-id")), person, now)


def words_of(person, now) -> list[str]:
    return [line.words for line in lines_of(person, now)]


def shown(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def opened(notice) -> str:
    return reverse("followups:open_many_notifications", args=[notice.pk])


@pytest.mark.parametrize(("count", "listed"), [(3, 3), (4, 1), (40, 1)])
def test_more_than_three_alike_in_a_minute_are_one_line(cast, complaint, minute, count, listed):
    others = [logged(cast, minute - HOUR) for _each in range(count - 1)]
    Notice.objects.all().delete()
    for number, case in enumerate([complaint, *others]):
        tell(cast.handler, case, minute + number * SECOND)
    found = lines_of(cast.handler, minute + HOUR)
    assert len(found) == listed
    assert Notice.objects.count() == count
    if listed == 1:
        assert found[0].words == f"{count} complaints are yours now."
        assert found[0].notice == Notice.objects.latest("pk")


def test_it_counts_cases_and_not_notices(cast, complaint, minute):
    tell(cast.handler, complaint, minute, count=5)
    tell(cast.colleague, logged(cast, minute - HOUR), minute, "taken_away", count=4)
    assert words_of(cast.handler, minute) == ["1 complaint is yours now."]
    assert words_of(cast.colleague, minute) == ["1 complaint was handed over to somebody else."]


def test_another_minute_another_reader_and_another_event_are_lines_of_their_own(cast, complaint, minute):
    tell(cast.handler, complaint, minute - SECOND, count=2)
    tell(cast.handler, complaint, minute, count=2)
    tell(cast.handler, complaint, minute, "taken_away", count=2)
    tell(cast.colleague, complaint, minute, count=3)
    assert len(lines_of(cast.handler, minute)) == 6
    assert len(lines_of(cast.colleague, minute)) == 3


@pytest.mark.parametrize("event", ["reply_received", "reopened"])
def test_what_must_be_read_one_by_one_stays_so(cast, complaint, minute, event):
    tell(cast.handler, complaint, minute, event, count=5)
    assert len(lines_of(cast.handler, minute)) == 5


def test_what_happened_between_them_keeps_its_line(cast, complaint, minute):
    tell(cast.handler, complaint, minute, count=2)
    tell(cast.handler, complaint, minute, "reply_received")
    tell(cast.handler, complaint, minute, count=2)
    assert words_of(cast.handler, minute) == ["1 complaint is yours now.", "The customer wrote."]


@pytest.mark.parametrize("address", [PAGE, PANEL])
def test_the_line_leads_to_ones_work_and_names_no_single_case(reader, cast, complaint, minute, address):
    newest = tell(cast.handler, complaint, minute, count=4)[-1]
    page = shown(reader, address)
    assert page.count("Unseen:") == 1
    assert opened(newest) in page
    assert "Pump four" not in page
    answer = reader.post(opened(newest))
    assert answer.url == MY_WORK
    assert not Notice.objects.filter(seen_at=None).exists()
    page = shown(reader, address)
    assert "Unseen:" not in page
    assert f'<a class="told-go" href="{MY_WORK}">' in page


def test_opening_it_sees_those_it_stood_for_alone(reader, cast, complaint, minute):
    before = tell(cast.handler, complaint, minute - SECOND)
    stood = tell(cast.handler, complaint, minute, count=4)
    other = tell(cast.handler, complaint, minute, "reply_received")
    theirs = tell(cast.colleague, complaint, minute)
    later = tell(cast.handler, complaint, minute)
    reader.post(opened(stood[-1]))
    assert set(Notice.objects.filter(seen_at=None)) == {*before, *other, *theirs, *later}


def test_it_is_unseen_while_one_of_them_is(cast, complaint, minute):
    for notice in tell(cast.handler, complaint, minute, count=5)[1:]:
        bell.see(notice, at=minute)
    (line,) = lines_of(cast.handler, minute)
    assert line.is_new
    bell.see_alike(line.notice, at=minute)
    (line,) = lines_of(cast.handler, minute)
    assert not line.is_new


def test_marking_everything_as_seen_sees_them_too(reader, cast, complaint, minute):
    newest = tell(cast.handler, complaint, minute, count=30)[-1]
    assert f'name="up_to" value="{newest.pk}"' in shown(reader, PANEL)
    reader.post(SEEN, {"up_to": newest.pk})
    assert 'data-unseen="0"' in shown(reader, COUNT)


def test_only_ones_own_and_only_such_can_be_opened_so(reader, cast, complaint, minute):
    (theirs,), (other,) = tell(cast.colleague, complaint, minute), tell(cast.handler, complaint, minute, "reopened")
    assert reader.post(opened(theirs)).status_code == 404
    assert reader.post(opened(other)).status_code == 404
    assert reader.get(opened(other)).status_code == 405
    assert Notice.objects.filter(seen_at=None).count() == 2


def test_a_page_holds_thirty_lines_however_many_stand_behind_them(reader, cast, complaint, minute):
    for ago in range(31):
        tell(cast.handler, complaint, minute - ago * HOUR, count=4)
    page = reader.get(PAGE).context["page"]
    following = reader.get(PAGE, {"after": page.next}).context["page"]
    assert (len(page.rows), len(following.rows)) == (30, 1)


def test_a_line_is_on_one_page_alone_though_others_stand_between(reader, cast, complaint, minute):
    tell(cast.handler, complaint, minute, count=4)
    tell(cast.handler, complaint, minute, "reply_received", count=30)
    tell(cast.handler, complaint, minute, count=4)
    first = reader.get(PAGE)
    following = reader.get(PAGE, {"after": first.context["page"].next})
    said = [line.words for page in (first, following) for line in page.context["lines"]]
    assert said == ["1 complaint is yours now."] + ["The customer wrote."] * 30


@pytest.mark.parametrize("groups", [1, 3])
def test_it_costs_the_same_for_any_number(reader, cast, complaint, minute, groups, django_assert_num_queries):
    for ago in range(groups):
        tell(cast.handler, complaint, minute - ago * HOUR, count=5)
    # Session, person, roles, what is unseen, lines, how many stand behind them, cases, who is named in them.
    for address in (PAGE, PANEL):
        with django_assert_num_queries(8):
            reader.get(address)


def test_a_bulk_reassignment_is_one_line_for_who_gets_the_cases_and_one_for_who_had_them(cast, minute):
    for _each in range(5):
        at_stage(cast, "assigned", minute - HOUR)
    Notice.objects.all().delete()
    run = bulk.choose(cast.supervisor, "reassign", Complaint.objects.all(), at=minute)
    values = {"team": cast.hexi.pk, "handler": cast.colleague.pk, "reason": "Shift change"}
    bulk.start(run.pk, person=cast.supervisor, values=values, at=minute)
    bulk.work(run.pk, clock=lambda: minute + SECOND)
    assert words_of(cast.colleague, minute) == ["5 complaints are yours now."]
    assert words_of(cast.handler, minute) == ["5 complaints were handed over to somebody else."]
    assert Notice.objects.filter(person=cast.colleague, event="assigned").count() == 5
