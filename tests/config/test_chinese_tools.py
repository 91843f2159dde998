"""The desk's tools in Chinese: bulk actions, saved views, the bell, the palette, moves, absences, the wall."""

from datetime import time

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Absence, Calendar, CalendarSpan
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import undo_send
from complaints.models import BulkRow, BulkRun, Category, WaitingReply
from complaints.queue import saved_views
from complaints.steps import archive
from followups.escalation import escalations
from followups.outbox import notices
from tests.config import chinese
from tests.config.chinese_cases import DAY, HOUR, NAMES, eventful, read, signed_in, staged, unanswered

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(at):
    """A moment that does not change: words of other days are the matter of tests.ui.test_wording."""
    return at


@pytest.fixture(autouse=True)
def _everybody_speaks_chinese(cast, monkeypatch):
    chinese.speak(cast, monkeypatch)


def typed(moment) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("action", BulkRun.Action.values)
def test_a_bulk_action_from_choosing_to_its_result(cast, now, action):
    rows = [staged(cast, status, now - DAY) for status in (Status.VERIFIED, Status.ASSIGNED, Status.ARCHIVED)]
    client, address = signed_in(cast.supervisor), reverse("complaints:bulk")
    read(client.get(address))
    read(client.get(reverse("complaints:queue"), {"view": "all"}))
    chosen = [row.pk for row in rows] + [0]
    read(client.post(address, {"row": chosen, "action": action, "next": "/queue/"}, follow=True))
    run = BulkRun.objects.get()
    page = reverse("complaints:bulk_run", args=[run.pk])
    read(client.post(page, {}), 422)
    read(client.post(page, {"assignee": "x", "category": "0", "original": "C-1999-000001"}), 422)
    original = staged(cast, Status.ASSIGNED, now)
    given = {
        "assignee": f"{cast.hexi.pk}-{cast.colleague.pk}",
        "category": Category.objects.create(name="Staff", name_zh="人员").pk,
        "original": original.reference,
        "reason": "交接班",
    }
    read(client.post(page, given, follow=True))
    run.refresh_from_db()
    assert run.finished_at is not None
    assert set(run.rows.values_list("state", flat=True)) >= {"refused"}
    read(client.get(page))
    read(client.get(address))


@pytest.mark.parametrize("action", BulkRun.Action.values)
def test_the_line_of_the_queue_about_bulk_actions(cast, now, action):
    client, line = signed_in(cast.supervisor), reverse("complaints:bulk_line")
    complaint = staged(cast, Status.ASSIGNED, now - DAY)
    for states in (["waiting"], ["waiting", "refused"], ["done"], ["refused"], ["waiting"]):
        over = None if "waiting" in states else now
        run = BulkRun.objects.create(
            person=cast.supervisor, action=action, chosen_at=now, started_at=now, finished_at=over
        )
        for state in states:
            case = complaint if state == "waiting" else staged(cast, Status.ASSIGNED, now)
            BulkRow.objects.create(run=run, complaint=case, state=state)
        client.cookies["bulk_runs"] = str(run.pk)
        assert chinese.english_on(client.get(line).content.decode(), NAMES) == []
    read(client.get(reverse("complaints:queue")))


def test_choosing_nothing_too_much_or_nonsense(cast, now):
    client, address = signed_in(cast.supervisor), reverse("complaints:bulk")
    for wrong in ({}, {"row": ["x"]}, {"row": ["1"], "action": "?"}, {"all": "1", "action": "assign"}):
        answer = client.post(address, wrong, follow=True)
        read(answer, answer.status_code)


def test_saved_views(cast, now):
    client, address = signed_in(cast.supervisor), reverse("complaints:save_view")
    query = "view=all&severity=danger"
    read(client.post(address, {"name": "", "query": query}), 422)
    view = saved_views.save(cast.supervisor, name="危险", query=query, team_id=cast.hexi.pk, at=now)
    read(client.post(address, {"name": "危险", "query": query, "shared_with": "0"}), 422)
    page = reverse("complaints:saved_view", args=[view.pk])
    read(client.get(page))
    read(client.post(page, {"name": ""}), 422)
    for person in (cast.supervisor, cast.handler):
        queue = signed_in(person)
        read(queue.get(reverse("complaints:queue") + view.address.partition("/queue/")[2]))
        read(queue.get(reverse("complaints:queue"), {"saved": view.pk, "view": "all", "category": "999999"}))
    read(client.post(reverse("complaints:delete_view", args=[view.pk]), follow=True))


def test_the_tab_of_what_is_to_be_signed(cast, now):
    client, address = signed_in(cast.supervisor), reverse("complaints:queue")
    read(client.get(address, {"view": "sign"}))
    eventful(cast, now)
    read(client.get(address, {"view": "sign"}))


def test_a_reply_that_can_be_taken_back_and_one_that_was_refused(cast, now):
    complaint = staged(cast, Status.ASSIGNED, now - HOUR)
    handler = Actor.staff(cast.handler)
    page = reverse("complaints:case", args=[complaint.reference])
    reply = undo_send.reply(complaint.pk, body="今天给您回电。", actor=handler, at=now)
    assert isinstance(reply, WaitingReply)
    for person in (cast.handler, cast.supervisor):
        read(signed_in(person).get(page))
    WaitingReply.objects.update(refused="该投诉已归档。")
    for person in (cast.handler, cast.supervisor):
        read(signed_in(person).get(page))
    client = signed_in(cast.handler)
    beat = client.post(reverse("complaints:presence", args=[complaint.reference]), {"version": 1})
    assert chinese.english_on(beat.content.decode(), NAMES) == []
    undo = reverse("complaints:undo_reply", args=[complaint.reference, reply.pk])
    read(client.post(undo, follow=True))
    answer = client.post(undo, follow=True)
    read(answer, answer.status_code)


def test_what_others_changed_meanwhile(cast, now):
    complaint = staged(cast, Status.ASSIGNED, now - HOUR)
    client = signed_in(cast.supervisor)
    for action in ("resolve", "reassign"):
        address = reverse("complaints:step", args=[complaint.reference, action])
        mine = {"version": complaint.version - 1, "solution": "重新校准", "reason": "换班"}
        mine["assignee"] = f"{cast.hexi.pk}-{cast.colleague.pk}"
        read(client.post(address, mine), 409)


def test_the_moves_that_calm(cast, now):
    complaint = staged(cast, Status.ASSIGNED, now - HOUR)
    client = signed_in(cast.supervisor)
    for move in ("person", "place", "time"):
        escalation = escalations.escalate(complaint, reason="customer", key=move, at=now, note="要求见主管")
        complaint.refresh_from_db()
        address = reverse(f"followups:change_{move}", args=[escalation.pk])
        read(client.get(address))
        read(client.post(address, {"due_at": "x"}), 422)
    read(client.get(reverse("followups:board")))


def test_promising_what_is_asked_about(cast, now):
    calendar = Calendar.objects.create(name="早班", chinese_holidays=False)
    CalendarSpan.objects.create(calendar=calendar, weekday=0, opens=time(8), closes=time(8, 1))
    cast.west.calendar = calendar
    cast.west.save(update_fields=["calendar"])
    complaint = staged(cast, Status.ASSIGNED, now - HOUR)
    address = reverse("followups:make_promise", args=[complaint.reference])
    for kind, button in (("visit", True), ("corrective", False)):
        asked = {"kind": kind, "words": "技术人员上门", "due_at": typed(now + 2 * DAY), "to_customer": "on"}
        answer = signed_in(cast.handler).post(address, asked)
        read(answer, 422)
        assert ("confirming" in answer.context) is button
    asked["kind"] = "visit"
    confirmed = signed_in(cast.handler).post(address, asked).context["confirming"]
    read(signed_in(cast.handler).post(address, asked | {"confirmed": confirmed}, follow=True))
    history = signed_in(cast.supervisor).get(reverse("complaints:history", args=[complaint.reference]))
    read(history)
    assert "已确认：" in history.content.decode()


@pytest.mark.parametrize("reason", escalations.BY_HAND)
def test_escalating_for_each_reason(cast, now, reason):
    complaint = staged(cast, Status.ASSIGNED, now - HOUR)
    address = reverse("followups:escalate", args=[complaint.reference])
    given = {"reason": reason, "note": "客户要求", "tried": "已沟通两次"}
    read(signed_in(cast.handler).post(address, given, follow=True))
    read(signed_in(cast.supervisor).get(reverse("followups:board")))


def test_absences_of_oneself_and_of_ones_people(cast, now):
    Absence.objects.create(person=cast.handler, begins_at=now - HOUR, ends_at=now + DAY, deputy=cast.colleague)
    own = reverse("accounts:absences")
    client = signed_in(cast.handler)
    read(client.get(own))
    read(client.post(own, {"begins_at": "x"}), 422)
    supervisor = signed_in(cast.supervisor)
    read(supervisor.get(reverse("accounts:team_absences")))
    page = reverse("accounts:person_absences", args=[cast.handler.pk])
    read(supervisor.get(page))
    read(supervisor.post(page, {"begins_at": "x"}), 422)
    away = {"begins_at": typed(now + 2 * DAY), "ends_at": typed(now + 3 * DAY), "deputy": ""}
    read(supervisor.post(page, away, follow=True))
    read(supervisor.get(reverse("followups:board")))


def test_the_wall(cast, now):
    client, address = signed_in(cast.supervisor), reverse("followups:wall")
    read(client.get(address))
    eventful(cast, now)
    unanswered(cast, now)
    read(client.get(address))


def test_the_command_palette(cast, now):
    complaint = eventful(cast, now)
    client = signed_in(cast.supervisor)
    for query in ({}, {"case": complaint.reference}, {"q": "王"}, {"q": "，"}):
        answer = client.get(reverse("complaints:palette"), query)
        assert chinese.english_on(answer.content.decode(), NAMES) == []


def test_the_bell_and_all_it_tells(cast, now):
    client = signed_in(cast.handler)
    read(client.get(reverse("followups:notifications")))
    eventful(cast, now)
    unanswered(cast, now)
    for person in (cast.handler, cast.supervisor):
        client = signed_in(person)
        read(client.get(reverse("followups:notifications")))
        read(client.post(reverse("followups:bell_seen"), {}), 422)
        for name in ("bell_panel", "bell_count"):
            assert chinese.english_on(client.get(reverse(f"followups:{name}")).content.decode(), NAMES) == []


def test_the_bell_about_many_at_once_and_about_what_is_perhaps_no_complaint(cast, now):
    complaint = staged(cast, Status.VERIFIED, now - DAY)
    archive.propose_invalid(complaint.pk, reason="只是咨询", actor=Actor.staff(cast.handler), at=now)
    for event in ("assigned", "taken_away"):
        for number in range(4):
            key = f"{event}:{number}"
            notices.tell_person(cast.supervisor, event, complaint=complaint, key=key, data={}, at=now)
    client = signed_in(cast.supervisor)
    read(client.get(reverse("followups:notifications")))
    complaint.refresh_from_db()
    complaint.invalid_proposed_by = None
    complaint.save(update_fields=["invalid_proposed_by"])
    read(client.get(reverse("followups:notifications")))


def test_the_preferences_of_somebody_without_an_address(cast):
    cast.handler.email = ""
    cast.handler.save(update_fields=["email"])
    read(signed_in(cast.handler).get(reverse("accounts:preferences")))
