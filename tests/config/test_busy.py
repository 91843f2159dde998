"""What the database refuses for nobody's fault: 503 with everything typed, tried once more where nothing was done."""

import contextlib
import html
import re
import threading

import psycopg2
import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from complaints.case.locking import lock
from complaints.models import Complaint, Message
from config import busy, env
from tests.cases import at_stage, logged
from tests.cast import build_cast
from tests.complaints.customer.customer_link import token_of
from tests.complaints.intake.log_form import LOG, photo, typed

WORDS = "He wants to know why, 他想知道原因。"
RAISE = "DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{}'; END $$"


def refusing(sqlstate: str, times: int = 99):
    """The first `times` locks that are asked for are refused with that code."""
    left = [times]

    def wrapper(execute, sql, params, many, context):
        if "FOR NO KEY UPDATE" not in sql or not left[0]:
            return execute(sql, params, many, context)
        left[0] -= 1
        return execute(RAISE.format(sqlstate), None, False, context)

    return connection.execute_wrapper(wrapper)


def client_of(person) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def say(client, complaint, **headers):
    address = reverse("complaints:say", args=[complaint.reference])
    return client.post(address, {"kind": "internal", "body": WORDS}, headers=headers)


def another_connection():
    """One beside Django's, to the same database."""
    return psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})


BUSY = ["55P03", "57014", "25006", "25P03", "57P01", "57P03", "08006", "53300", "40001", "40P01"]


@pytest.mark.parametrize("sqlstate", BUSY)
def test_what_passes_by_itself_is_503_with_the_words_and_a_button_to_send_them_again(cast, at, sqlstate):
    complaint, client = logged(cast, at), client_of(cast.handler)
    with refusing(sqlstate):
        answer = say(client, complaint)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    body = answer.content.decode()
    for sentence in ("The desk is busy", "系统繁忙", "Send it again", "再次发送"):
        assert sentence in body
    assert not complaint.messages.exists()
    # The form of that page, sent as it is.
    fields = dict(re.findall(r'<textarea name="([a-z_]+)" hidden>\n(.*?)</textarea>', body, re.DOTALL))
    again = {name: html.unescape(value) for name, value in fields.items()}
    assert client.post(re.search(r'action="([^"]+)"', body)[1], again).status_code == 302
    assert complaint.messages.get().body == WORDS


@pytest.mark.parametrize("sqlstate", ["23505", "22001", "42P01", "XX000"])
def test_what_is_our_own_fault_is_still_500(cast, at, sqlstate):
    complaint = logged(cast, at)
    with refusing(sqlstate):
        assert say(client_of(cast.handler), complaint).status_code == 500


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_what_the_database_undid_is_tried_once_more_and_done_once(cast, at, sqlstate):
    complaint = logged(cast, at)
    with refusing(sqlstate, times=1):
        assert say(client_of(cast.handler), complaint).status_code == 302
    assert complaint.messages.count() == 1


def test_a_lock_that_is_held_is_not_waited_for_twice(cast, at):
    complaint = logged(cast, at)
    with refusing("55P03", times=1):
        assert say(client_of(cast.handler), complaint).status_code == 503


def test_a_connection_that_broke_is_busy_too_and_an_error_of_ours_is_not():
    assert busy.is_busy(OperationalError("could not connect"))
    assert busy.is_busy(InterfaceError("connection already closed"))
    assert not busy.is_busy(ZeroDivisionError())
    assert not busy.is_busy(None)


def test_files_are_named_to_be_chosen_again(cast, at):
    with refusing_the_counter():
        answer = client_of(cast.frontline).post(LOG, typed(cast, narrative=WORDS, evidence=[photo("door.jpg")]))
    body = answer.content.decode()
    assert answer.status_code == 503
    assert 'type="file" name="evidence"' in body
    assert "door.jpg" in body
    assert not Complaint.objects.exists()


def refusing_the_counter():
    def wrapper(execute, sql, params, many, context):
        if "complaints_referencecounter" in sql:
            return execute(RAISE.format("55P03"), None, False, context)
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper)


def test_a_password_is_carried_nowhere():
    request = RequestFactory().post("/account/login/", {"login": "li.min", "password": "correct horse"})
    body = busy.page(request, OperationalError("refused")).content.decode()
    assert "correct horse" not in body
    assert "<form" not in body
    assert "go back with your browser" in body


def test_htmx_gets_a_line_and_the_form_behind_it_stays(cast, at):
    complaint = logged(cast, at)
    with refusing("55P03"):
        answer = say(client_of(cast.handler), complaint, **{"HX-Request": "true"})
    body = answer.content.decode()
    assert answer.status_code == 503
    assert "<html" not in body
    assert "The desk is busy, nothing was changed." in body


def test_a_page_that_is_read_gets_a_button_to_try_again(rf):
    answer = busy.page(rf.get("/queue/?view=mine"), OperationalError("refused"))
    assert 'href="/queue/?view=mine"' in answer.content.decode()


def test_people_wait_five_seconds_for_a_lock_at_most():
    database = env.read_database({"DATABASE_URL": "postgres://desk@127.0.0.1/desk"})
    assert "lock_timeout=5s" in database["OPTIONS"]["options"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
class TestWithARealSecondConnection:
    @pytest.fixture
    def cast(self):
        return build_cast()

    @pytest.fixture
    def hold(self):
        """hold(sql) runs it on a connection of its own, which keeps its transaction open until the test ends."""
        with contextlib.ExitStack() as stack:

            def hold(sql: str, *params):
                other = another_connection()
                stack.callback(other.close)
                other.cursor().execute(sql, params)

            yield hold

    @pytest.fixture(autouse=True)
    def _impatient(self):
        """Waits a tenth of a second where people wait five."""
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        yield
        connection.close()

    @pytest.mark.timeouts
    def test_whoever_logs_while_the_counter_is_held_keeps_the_words(self, cast, at, hold):
        logged(cast, at)
        hold("UPDATE complaints_referencecounter SET last = last")
        answer = client_of(cast.frontline).post(LOG, typed(cast, narrative=WORDS))
        assert (answer.status_code, WORDS in html.unescape(answer.content.decode())) == (503, True)
        assert Complaint.objects.count() == 1

    @pytest.mark.timeouts
    def test_customer_and_staff_keep_their_words_while_the_case_is_held(self, cast, at, hold):
        complaint = at_stage(cast, "assigned", at)
        hold("SELECT FROM complaints_complaint WHERE id = %s FOR UPDATE", complaint.pk)
        reply = reverse("complaints:public_reply", args=[token_of(complaint)])
        forms = {
            reply: {"body": WORDS},
            reverse("complaints:severity", args=[complaint.reference]): {
                "severity": "danger", "reason": WORDS, "version": complaint.version,
            },
            reverse("followups:escalate", args=[complaint.reference]): {
                "reason": "manual", "note": WORDS, "tried": "Talked",
            },
        }  # fmt: skip
        client = client_of(cast.handler)
        for address, fields in forms.items():
            answer = client.post(address, fields)
            assert (answer.status_code, WORDS in html.unescape(answer.content.decode())) == (503, True), address
        assert not Message.objects.exists()

    @pytest.mark.timeouts
    def test_two_that_wait_for_each_other_are_both_done(self, cast, at):
        """A deadlock: PostgreSQL undoes one of them, which is tried again."""
        first, second = logged(cast, at), logged(cast, at, phone="138 1111 2222")
        both_hold, answers = threading.Barrier(2), []

        def view(request, mine, other):
            tries.append(mine)
            with transaction.atomic():
                lock(mine)
                if len(tries) <= 2:
                    both_hold.wait(20)
                lock(other)
            return "done"

        tries: list[int] = []

        def go(mine, other):
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '20s'; SET deadlock_timeout = '50ms'")
            request = RequestFactory().post("/")
            request.resolver_match = (view, (mine, other), {})
            try:
                answers.append(view(request, mine, other))
            except OperationalError as error:
                answers.append(busy.AnswerBusy(None).process_exception(request, error))
            finally:
                connection.close()

        threads = [threading.Thread(target=go, args=pair) for pair in ((first.pk, second.pk), (second.pk, first.pk))]
        [thread.start() for thread in threads]
        [thread.join(30) for thread in threads]
        assert answers == ["done", "done"]
        assert len(tries) == 3

    def test_a_page_whose_connection_is_killed_is_read_over_a_new_one(self, cast, at):
        complaint, client = logged(cast, at), client_of(cast.handler)
        killed = []

        def kill(execute, sql, params, many, context):
            if "complaints_complaint" in sql and not killed:
                killed.append(sql)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    (pid,) = cursor.fetchone()
                with contextlib.closing(another_connection()) as other:
                    other.cursor().execute("SELECT pg_terminate_backend(%s)", [pid])
            return execute(sql, params, many, context)

        with connection.execute_wrapper(kill):
            answer = client.get(reverse("complaints:case", args=[complaint.reference]))
        assert killed
        assert answer.status_code == 200
