from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import messages as conversation
from complaints.evidence import attaching
from complaints.workspace.parts import HISTORY_SHOWN
from complaints.workspace.talk import MESSAGES_SHOWN
from tests.cases import NARRATIVE, at_stage, logged
from tests.complaints.customer.customer_link import photo


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at + timedelta(hours=2), tick=False):
        yield


def sheet(somebody, complaint, status: int = 200) -> str:
    client = Client()
    client.force_login(somebody)
    answer = client.get(f"/complaints/{complaint.reference}/print/")
    assert answer.status_code == status
    return answer.content.decode()


def test_a_sheet_says_whose_it_is_which_case_and_when_it_was_printed_by_whom(cast, at):
    complaint = logged(cast, at)
    html = sheet(cast.handler, complaint)
    head = html.partition("<thead>")[2].partition("</thead>")[0]
    assert "Jinghe Energy" in head
    assert complaint.reference in head
    assert "Printed 2026-11-18 12:00 by Li Min" in head


def test_it_holds_customer_facts_promises_conversation_and_history(cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    conversation.say(complaint.pk, kind="internal", body="Seal intact", actor=Actor.staff(cast.handler), at=at)
    html = sheet(cast.supervisor, complaint)
    for text in ("Wang Jianguo", "139 0000 4417", NARRATIVE, "Measured five times: +1.9 %", "Seal intact"):
        assert text in html, text
    for promise in complaint.promises.all():
        assert str(promise.label) in html
    assert "Result told to the customer" in html
    complaint.refresh_from_db()
    assert html.count("<time", html.index('id="history-h"')) == complaint.event_count


def test_nothing_is_left_out_for_being_old(cast, at):
    complaint = logged(cast, at)
    for number in range(MESSAGES_SHOWN + 2):
        moment = at + timedelta(minutes=number)
        said = f"Word no. {number} of the talk"
        conversation.say(complaint.pk, kind="internal", body=said, actor=Actor.staff(cast.handler), at=moment)
    html = sheet(cast.handler, complaint)
    assert all(f"Word no. {number} of the talk" in html for number in range(MESSAGES_SHOWN + 2))
    complaint.refresh_from_db()
    assert html.count("<time", html.index('id="history-h"')) == complaint.event_count > HISTORY_SHOWN


def test_there_is_nothing_to_fill_in_and_no_way_to_the_customers_page(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    html = sheet(cast.supervisor, complaint)
    for part in ("<form", "<input", "<textarea", "<select", "<video", "<audio", "/c/"):
        assert part not in html, part


def test_pictures_do_not_wait_until_somebody_scrolls_to_them(cast, at):
    complaint = logged(cast, at)
    attaching.add(
        complaint.pk, files=[attaching.examine(photo())], actor=Actor.staff(cast.handler), at=at, public=True
    )
    html = sheet(cast.handler, complaint)
    assert "/preview/" in html
    assert 'loading="lazy"' not in html


def test_paper_is_white_for_people_whose_screen_is_dark(cast, at):
    cast.handler.theme = "dark"
    cast.handler.save(update_fields=["theme"])
    assert 'data-bs-theme="light"' in sheet(cast.handler, logged(cast, at))


def test_who_may_not_see_the_case_may_not_print_it(cast, at):
    complaint = logged(cast, at)
    sheet(cast.stranger, complaint, status=404)
    sheet(cast.auditor, complaint, status=200)


def test_the_frontline_does_not_read_on_paper_who_is_to_blame(cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    assert "Equipment service" in sheet(cast.handler, complaint)
    assert "Equipment service" not in sheet(cast.frontline, complaint)


@pytest.mark.parametrize("messages", [1, 25])
def test_a_long_case_costs_no_more_questions_than_a_short_one(cast, at, django_assert_num_queries, messages):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    for number in range(messages):
        moment = at + timedelta(minutes=10 + number)
        conversation.say(complaint.pk, kind="internal", body="Noted", actor=Actor.staff(cast.handler), at=moment)
    client = Client()
    client.force_login(cast.handler)
    with django_assert_num_queries(11):
        client.get(f"/complaints/{complaint.reference}/print/")
