"""What a round came to is kept, whole, when the next one begins; and shown to whom it belongs."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test import Client

from accounts.models import AuthorityLimit, Role
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.models import Complaint, Option, Point, Round
from complaints.search.find import matching, query_of
from complaints.steps import appeals, archive, lifecycle, options, resolution
from tests.cases import archive_data, assignment_data, at_stage, finish_callbacks, logged, resolution_data
from tests.complaints.customer.customer_link import page
from tests.complaints.steps import appealed

LETTER = "Dear Mr Wang, the filter was clogged. We paid back 62 yuan."
HOUR = timedelta(hours=1)
# Of the complaint page, session and person included.
QUERIES = 10


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at + timedelta(days=2), tick=False):
        yield


def do(complaint, action, actor, at, **data) -> Complaint:
    return lifecycle.perform(complaint.pk, action, actor=actor, at=at, data=data)


@pytest.fixture
def reworked(cast, at) -> Complaint:
    """Told by letter, with two offers of which one was chosen; the customer says that it is not solved."""
    complaint = at_stage(cast, Status.ASSIGNED, at)
    handler = Actor.staff(cast.handler)
    AuthorityLimit.objects.create(team=cast.company, role=Role.HANDLER, amount=200)
    money, _wash = (
        options.offer(complaint.pk, words=words, amount=Decimal(amount), actor=handler, at=at)
        for words, amount in (("62 yuan to his card", 62), ("A free wash", 0))
    )
    options.choose(money.pk, actor=CUSTOMER, at=at + HOUR)
    data = resolution_data(cast) | {"told_how": "message", "told_note": "", "reply": LETTER}
    do(complaint, "resolve", handler, at + 2 * HOUR, **data)
    words = "You changed a part and it still measures wrong."
    do(complaint, "record_feedback", CUSTOMER, at + 3 * HOUR, solved=False, rating=2, words=words)
    complaint.refresh_from_db()
    assert (complaint.status, complaint.round) == (Status.ASSIGNED, 2)
    return complaint


@pytest.fixture
def reopened(cast, at) -> Complaint:
    """Archived as solved, then opened again by the customer."""
    complaint = at_stage(cast, Status.FEEDBACK, at)
    finish_callbacks(complaint)
    do(complaint, "archive", Actor.staff(cast.handler), at + HOUR, **archive_data(cast))
    return do(complaint, "reopen", CUSTOMER, at + 2 * HOUR, reason="It charged too much again.")


def seen_by(somebody, complaint, path="") -> str:
    client = Client()
    client.force_login(somebody)
    return client.get(f"/complaints/{complaint.reference}/{path}").content.decode()


def test_rework_keeps_all_that_the_round_came_to(cast, at, reworked):
    kept = reworked.rounds.get()
    assert (kept.number, kept.ended_how, kept.ended_by, kept.ended_at) == (1, "reworked", None, at + 3 * HOUR)
    assert [point["finding"] for point in kept.points] == [
        "Measured five times: +1.9 %",
        "The printer was out of paper",
    ]
    assert (kept.cause, kept.solution) == (cast.drift.name, "Pump closed off, 186 yuan paid back")
    assert (kept.told_how, kept.told_at, kept.letter) == ("message", at + 2 * HOUR, LETTER)
    assert (kept.solved, kept.rating, kept.words) == (False, 2, "You changed a part and it still measures wrong.")
    assert (kept.confirmed_how, kept.restatement.count("\n")) == ("phone", 1)
    assert [(option["words"], option["fate"]) for option in kept.options] == [
        ("62 yuan to his card", "chosen"),
        ("A free wash", "ended"),
    ]
    assert (kept.ended_by_kind, kept.reason) == ("system", "You changed a part and it still measures wrong.")
    assert kept.began_at == reworked.events.get(kind="assigned").at


def test_reopening_keeps_how_it_was_closed_and_the_next_archive_asks_for_all_of_it_anew(cast, at, reopened):
    kept = reopened.rounds.get()
    assert (kept.ended_how, kept.ended_by_kind, kept.reason) == ("reopened", "customer", "It charged too much again.")
    assert (kept.outcome, kept.closed_at) == ("solved", at + HOUR)
    assert (kept.lesson, kept.responsibility) == ("Measure after every seal change", "Equipment service")
    reopened.refresh_from_db()
    assert (reopened.lesson, reopened.responsibility, reopened.reopen_until) == ("", "", None)


def test_a_round_closed_before_anybody_worked_on_it_is_kept_too(cast, at):
    complaint = logged(cast, at)
    archive.propose_invalid(complaint.pk, reason="An advertisement", actor=Actor.staff(cast.handler), at=at)
    do(complaint, "close_early", Actor.staff(cast.supervisor), at, outcome="invalid", reason="An advertisement")
    given = {"points": [0], "grounds": "It is a complaint", "actor": CUSTOMER}
    appeal = appeals.make(complaint.pk, **given, at=at + HOUR)
    appeals.begin_review(appeal.pk, actor=Actor.staff(cast.reviewer), at=at + HOUR)
    appealed.decide(cast, appeal, at + HOUR, 0)
    again = Complaint.objects.get(pk=complaint.pk)
    kept = again.rounds.get()
    assert (kept.outcome, kept.closing_reason, kept.solution) == ("invalid", "An advertisement", "")
    assert kept.began_at == again.received_at


def test_each_round_begins_where_the_one_before_ended(cast, at, reopened):
    handler = Actor.staff(cast.handler)
    data = resolution_data(cast) | {"finding_3": "The meter is worn"}
    do(reopened, "resolve", handler, at + 3 * HOUR, **data)
    do(reopened, "record_feedback", CUSTOMER, at + 4 * HOUR, solved=False)
    first, second = reopened.rounds.all()
    assert (second.number, second.began_at) == (2, first.ended_at)
    assert second.points[2]["finding"] == "The meter is worn"
    assert (second.lesson, second.outcome) == ("", ""), "of the first round"


def test_what_the_customer_says_is_still_wrong_becomes_a_point_that_needs_a_finding(cast, at, reworked, reopened):
    assert reworked.points.get(number=3).text == "You changed a part and it still measures wrong."
    point = reopened.points.get(number=3)
    assert (point.text, point.round, point.finding) == ("It charged too much again.", 2, "")
    missing = lifecycle.missing_for(reopened, "resolve", actor=Actor.staff(cast.handler), at=at)
    assert "finding_3" in {item.field for item in missing}


def test_a_long_reason_is_cut_in_the_point_and_whole_in_the_round_and_one_said_twice_is_one_point(cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    story = "It drips again. " * 100
    again = do(complaint, "reopen", CUSTOMER, at + HOUR, reason=story)
    assert len(again.points.get(number=3).text) <= 500
    assert again.rounds.get().reason == story.strip()
    same = at_stage(cast, Status.ARCHIVED, at)
    do(same, "reopen", CUSTOMER, at + HOUR, reason="The attendant refused to print a receipt.")
    assert same.points.count() == 2


@pytest.mark.parametrize("statement", ["UPDATE complaints_round SET solution = ''", "DELETE FROM complaints_round"])
def test_the_database_refuses_to_change_what_a_round_came_to(reworked, statement):
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Round.objects.get().solution


class TestShown:
    def test_the_handler_first_reads_why_it_came_back(self, cast, reworked, reopened):
        html = seen_by(cast.handler, reopened)
        assert "Opened again by the customer" in html
        assert html.index("It charged too much again.") < html.index('id="words"')
        html = seen_by(cast.handler, reworked)
        assert "The customer on the result before: You changed a part" in html
        banner = html[html.index("The customer on the result before") :].split("</div>")[0]
        assert banner.count("You changed a part") == 1, "the same words are not said twice"

    @pytest.mark.parametrize("path", ["", "print/"])
    def test_the_case_and_its_print_show_the_old_result_whole(self, cast, reworked, path):
        html = seen_by(cast.supervisor, reworked, path)
        for text in (
            "Result of round 1", "Measured five times: +1.9 %", "Pump closed off", cast.drift.name, LETTER,
            "62 yuan to his card", "chosen by the customer", "not chosen", "2 of 5",
        ):  # fmt: skip
            assert text in html, text

    def test_who_answers_for_it_stays_hidden_from_the_frontline(self, cast, reopened):
        assert "Equipment service" in seen_by(cast.handler, reopened)
        for path in ("", "print/", "history/"):
            html = seen_by(cast.frontline, reopened, path)
            assert "Equipment service" not in html, path
        assert "Measure after every seal change" in seen_by(cast.frontline, reopened)

    def test_the_customer_reads_what_they_were_told_and_said_and_nothing_else(self, cast, visitor, reworked, reopened):
        html = page(visitor, reworked).content.decode()
        for text in ("Result of round 1", LETTER, "62 yuan to his card", "You changed a part", "Satisfied: 2 of 5"):
            assert text in html, text
        for text in ("Measured five times", cast.drift.name, "Pump closed off", "A free"):
            assert text not in html, text
        html = page(visitor, reopened).content.decode()
        assert "We told you the result by phone" in html
        assert "It charged too much again." in html
        assert resolution_data(cast)["told_note"] in html
        for text in ("Equipment service", "Measure after every seal change"):
            assert text not in html, text

    def test_what_was_noted_before_customers_read_it_stays_inside(self, cast, at, visitor):
        complaint = at_stage(cast, "archived", at)
        complaint.resolutions.update(told_note_readable=False)
        # Nothing was written down as told then.
        complaint.tellings.update(words="")
        note = resolution_data(cast)["told_note"]
        assert note not in page(visitor, complaint).text
        do(complaint, "reopen", CUSTOMER, at + HOUR, reason="It charged too much again.")
        html = page(visitor, complaint).text
        assert "It charged too much again." in html
        assert note not in html

    def test_a_search_finds_the_words_of_results_of_any_round_but_not_who_is_to_blame(self, cast, reworked, reopened):
        def found(text):
            return set(matching(Complaint.objects.all(), query_of(text)).values_list("pk", flat=True))

        assert found("printer was out of paper") == {reworked.pk, reopened.pk}
        assert found("measures wrong") == {reworked.pk}
        assert found("charged again") == {reopened.pk}
        assert found("seal change") == {reopened.pk}
        assert found("Equipment service") == set()

    def test_three_rounds_cost_no_more_questions_than_two(self, cast, at, reworked, django_assert_num_queries):
        handler, client = Actor.staff(cast.handler), Client()
        client.force_login(cast.handler)
        with django_assert_num_queries(QUERIES):
            client.get(f"/complaints/{reworked.reference}/")
        do(reworked, "resolve", handler, at + 5 * HOUR, **resolution_data(cast), finding_3="The meter is worn")
        do(reworked, "record_feedback", CUSTOMER, at + 6 * HOUR, solved=False)
        assert reworked.rounds.count() == 2
        with django_assert_num_queries(QUERIES):
            client.get(f"/complaints/{reworked.reference}/")


class TestWrittenOver:
    def test_a_result_saved_twice_keeps_the_first_words_in_the_history(self, cast, at):
        complaint = at_stage(cast, Status.ASSIGNED, at)
        for actor, words in ((cast.handler, "The seal is broken"), (cast.colleague, "The seal is intact")):
            resolution.save_progress(complaint.pk, actor=Actor.staff(actor), at=at, data={"finding_1": words})
        assert "Before, Finding for point 1: The seal is broken" in seen_by(cast.handler, complaint, "history/")

    def test_another_category_at_assignment_keeps_the_old_one(self, cast, at):
        complaint = at_stage(cast, Status.VERIFIED, at, category=cast.metering)
        other = type(cast.metering).objects.create(name="Service", name_zh="服务")
        data = assignment_data(cast) | {"category": other}
        do(complaint, "assign", Actor.staff(cast.supervisor), at, **data)
        html = seen_by(cast.handler, complaint, "history/")
        assert "Before, Category: Metering" in html
        assert "Before, Severity: Normal" in html


class TestMigration:
    """Cases that were opened again before rounds were kept."""

    module = import_module("complaints.migrations.0013_rounds_of_the_past")

    def forget(self):
        """As the earlier version left it: the rows and events, and no round."""
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica; DELETE FROM complaints_round")
            cursor.execute("SET session_replication_role = DEFAULT")

    def test_what_rows_and_events_still_hold_is_put_into_rounds(self, cast, at, reworked, reopened):
        kept = {row.complaint_id: row for row in Round.objects.all()}
        Complaint.objects.filter(pk=reopened.pk).update(responsibility="Equipment service")
        self.forget()
        self.module.keep_past_rounds(apps, None)
        assert Round.objects.count() == 2
        lost = {"id", "points", "findings_lost", "told_note_readable"}
        for row in Round.objects.all():
            names = [f.attname for f in Round._meta.concrete_fields if f.name not in lost | {"options"}]
            assert {n: getattr(row, n) for n in names} == {n: getattr(kept[row.complaint_id], n) for n in names}
            assert row.findings_lost
            assert [option["fate"] for option in row.options] == [o["fate"] for o in kept[row.complaint_id].options]
        assert "an earlier version of the desk emptied them" in seen_by(cast.handler, reworked)
        self.module.keep_past_rounds(apps, None)
        assert Round.objects.count() == 2, "once"

    def test_offers_of_ended_rounds_and_closed_cases_stand_no_more(self, cast, at, reworked):
        Option.objects.update(ended_at=None)
        current = options.offer(
            reworked.pk, words="A new meter", amount=Decimal(0), actor=Actor.staff(cast.handler), at=at + 5 * HOUR
        )
        self.module.end_offers(apps, None)
        ends = dict(Option.objects.values_list("words", "ended_at"))
        assert ends == {
            "62 yuan to his card": None,
            "A free wash": Round.objects.get().ended_at,
            current.words: None,
        }


def test_points_of_the_first_round_say_so(cast, at):
    at_stage(cast, Status.ASSIGNED, at)
    assert set(Point.objects.values_list("round", flat=True)) == {1}
