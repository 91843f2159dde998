"""Files on the customer's page: by addresses that lead to nothing else, and end with the page."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.customer import file_leaves, links, new_links, representatives
from complaints.evidence import attaching
from complaints.models import Complaint, Evidence
from tests.cases import at_stage, logged
from tests.complaints import samples
from tests.complaints.customer.customer_link import drain, leave_of, page, photo, token_of

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def with_file(complaint, upload=None) -> Evidence:
    return attaching.attach(
        complaint, [attaching.examine(upload or photo())], actor=CUSTOMER, at=timezone.now(), public=True
    )[0]


def address(leave, row, name="evidence") -> str:
    return reverse(f"complaints:public_{name}", args=[leave, row.pk])


def code(visitor, leave, row) -> int:
    response = visitor.get(address(leave, row))
    drain(response)
    return response.status_code


def test_the_page_names_files_by_addresses_without_its_own_token(visitor, cast, now):
    complaint = logged(cast, now)
    with_file(complaint)
    text = page(visitor, complaint).text
    found = set(re.findall(r'"(/c/files/[^"]+)"', text))
    assert len(found) == 2
    for one in found:
        assert token_of(complaint) not in one
        response = visitor.get(one)
        assert response.status_code == 200
        assert samples.CANARY not in drain(response)


def test_they_end_with_the_page(visitor, cast, now):
    complaint = logged(cast, now)
    row, leave = with_file(complaint), leave_of(complaint)
    with time_machine.travel(now + timedelta(seconds=file_leaves.LASTS) - MINUTE, tick=False):
        assert code(visitor, leave, row) == 200
    with time_machine.travel(now + timedelta(seconds=file_leaves.LASTS) + MINUTE, tick=False):
        gone = visitor.get(address(leave, row))
        assert (gone.status_code, gone["Cache-Control"]) == (404, "private, no-store")
        assert "Open your page once more" in gone.text
        assert code(visitor, leave_of(complaint), row) == 200


def test_they_end_at_once_with_the_link(visitor, cast, now):
    complaint = logged(cast, now)
    row, leave = with_file(complaint), leave_of(complaint)
    somebody = representatives.add(
        complaint.pk, {"name": "Wang", "relation": "family", "may": "read", "consent": "Yes"}, at=now
    )
    complaint.token = token_of(somebody)
    theirs = file_leaves.leave_of(complaint)
    assert (code(visitor, leave, row), code(visitor, theirs, row)) == (200, 200)
    new_links.issue(complaint.pk, seen=new_links.mark_of(complaint), actor=Actor.staff(cast.handler), at=now)
    assert (code(visitor, leave, row), code(visitor, theirs, row)) == (404, 200)
    representatives.end(complaint.pk, somebody.pk, at=now)
    assert code(visitor, theirs, row) == 404


def test_they_end_with_the_time_of_the_link(visitor, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now)
    row, leave = with_file(complaint), leave_of(complaint)
    Complaint.objects.filter(pk=complaint.pk).update(status=Status.ARCHIVED, closed_at=now - 91 * DAY)
    assert code(visitor, leave, row) == 404


def test_whatever_is_wrong_is_one_answer(visitor, cast, now):
    complaint, other = logged(cast, now), logged(cast, now)
    row, foreign, leave = with_file(complaint), with_file(other), leave_of(complaint)
    kept = attaching.examine(photo("b.pdf", samples.pdf()))
    inside = attaching.attach(complaint, [kept], actor=Actor.staff(cast.handler), at=now)[0]
    forged = leave.replace(f"{complaint.pk}.", f"{other.pk}.", 1)
    broken = leave[:-1] + ("A" if leave[-1] != "A" else "E")
    asked = [(forged, foreign), (leave, foreign), (leave, inside), (broken, row), ("x", row)]
    asked += [(token_of(complaint), row), (links.new_token(), row)]
    bodies = set()
    for one, file in asked:
        response = visitor.get(address(one, file))
        assert response.status_code == 404
        bodies.add(response.content)
    assert len(bodies) == 1


def test_an_employee_who_is_named_gets_none(client, cast, now):
    complaint = logged(cast, now)
    row, leave = with_file(complaint), leave_of(complaint)
    complaint.named_people.add(cast.handler)
    client.force_login(cast.handler)
    assert code(client, leave, row) == 404
    client.force_login(cast.colleague)
    assert code(client, leave, row) == 200


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_they_are_only_read(visitor, cast, now, method):
    complaint = logged(cast, now)
    assert getattr(visitor, method)(address(leave_of(complaint), with_file(complaint))).status_code == 405


def test_nothing_that_was_uploaded_runs_from_here(visitor, client, cast, now):
    """For the customer and for staff: a download, sandboxed, never sniffed."""
    complaint = logged(cast, now)
    client.force_login(cast.handler)
    for upload in (photo(), photo("a.pdf", samples.pdf()), photo("film.mov", samples.film()[0])):
        row = with_file(complaint, upload)
        answers = [visitor.get(address(leave_of(complaint), row)), client.get(f"/evidence/{row.pk}/")]
        for response in answers:
            drain(response)
            assert response["Content-Disposition"].startswith("attachment")
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_player_gets_the_part_it_asks_for_and_no_other(visitor, client, cast, now):
    complaint = logged(cast, now)
    row = with_file(complaint, photo("film.mov", samples.film()[0]))
    client.force_login(cast.handler)
    for browser, where in ((visitor, address(leave_of(complaint), row)), (client, f"/evidence/{row.pk}/")):
        whole = drain(browser.get(where))
        part = browser.get(where, headers={"Range": "bytes=10-19"})
        assert (part.status_code, part["Content-Range"]) == (206, f"bytes 10-19/{len(whole)}")
        assert drain(part) == whole[10:20]
        behind = browser.get(where, headers={"Range": f"bytes={len(whole)}-"})
        assert (behind.status_code, behind["Content-Range"]) == (416, f"bytes */{len(whole)}")
