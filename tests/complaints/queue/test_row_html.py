from datetime import timedelta

import pytest
from django.utils import timezone, translation

from complaints.choices import Kind, Severity, Status
from complaints.models import Complaint
from complaints.queue.filter_choices import FilterChoices, filter_choices
from complaints.queue.row_html import Rows
from complaints.queue.worklists import rows_of
from complaints.search.tokens import understand
from tests.cases import logged
from tests.flat import flat
from ui.templatetags.desk import clock, promise_chip

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def rows(cast, at):
    """rows(due_at, ticked=…) → the rows of the page, and the one complaint in it, due then."""

    def rows(due_at, **options):
        Complaint.objects.filter(pk=logged(cast, at).pk).update(next_due_at=due_at)
        complaint = rows_of(Complaint.objects.all(), at).get()
        return Rows(at, filter_choices(cast.supervisor), **options), complaint

    return rows


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
@pytest.mark.parametrize("away", [-400 * DAY, -3 * DAY, -MINUTE, MINUTE, 3 * HOUR, 14 * HOUR, 3 * DAY, 400 * DAY])
def test_a_promise_in_a_list_is_said_as_on_every_other_page(rows, at, language, zone, away):
    with translation.override(language), timezone.override(zone):
        shown, complaint = rows(at + away)
        chip = promise_chip({"now": at}, at + away)
        moment = clock({"now": at}, at + away)
        assert shown.due(complaint) == f'{chip}<span class="second">{moment}</span>'


def test_a_row_is_ticked_only_where_something_can_be_done_to_it(rows, at):
    shown, complaint = rows(at + HOUR, ticked=True)
    assert f'name="row" value="{complaint.pk}"' in shown.of([complaint])
    without = Rows(at, FilterChoices())
    assert "checkbox" not in without.of([complaint])


def test_braces_and_signs_that_people_typed_stay_text(rows, at):
    shown, complaint = rows(at + HOUR)
    complaint.subject = "{pk} {0} <b>"
    assert ">{pk} {0} &lt;b&gt;</a>" in shown.of([complaint])


def test_a_row_reads_nothing_more(rows, at, django_assert_num_queries):
    shown, complaint = rows(at + HOUR, ticked=True)
    with django_assert_num_queries(0):
        shown.of([complaint])


KINDS = [*Kind]
STAGES = [*Status]
SEVERITIES = ["", *Severity]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_row_is_the_one_that_its_template_writes(rows, cast, at, settings, language):
    """Every stage, kind and severity; late, today, later, waiting, without a promise; with and without people."""
    with translation.override(language):
        shown, complaint = rows(at + HOUR, ticked=True)
    shown.query = understand("pump")
    handler, customer = complaint.handler, complaint.customer
    dues = [(None, False), (at - DAY, False), (at + HOUR, False), (at + 9 * DAY, False), (at + DAY, True)]
    length = max(map(len, (KINDS, STAGES, SEVERITIES, dues))) * 2
    for number in range(length * len(dues)):
        complaint.kind = KINDS[number % len(KINDS)]
        complaint.status = STAGES[number % len(STAGES)]
        complaint.severity = SEVERITIES[number % len(SEVERITIES)]
        complaint.next_due_at, complaint.paused = dues[number // length]
        complaint.closed_at = at - DAY if complaint.is_archived and number % 2 else None
        complaint.handler = handler if number % 3 else cast.handler
        complaint.handler_id = complaint.handler and complaint.handler.pk
        complaint.customer = customer if number % 5 else None
        complaint.subject = f"The <pump> no. {number}"
        with translation.override(language):
            settings.PLAIN_FETCH = False
            fast = shown.of([complaint])
            settings.PLAIN_FETCH = True
            assert flat(shown.of([complaint])) == flat(fast)
