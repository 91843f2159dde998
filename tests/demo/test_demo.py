"""The demo organisation: believable, complete, loaded once, and played by the rules."""

from collections import Counter
from datetime import datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from accounts.models import AuthorityLimit, Membership, Person, Role, Team
from complaints.case.events import broken_links
from complaints.choices import Channel, Kind, Outcome, Status
from complaints.models import Complaint, ComplaintEvent, Evidence, Feedback, Message, Option, ReplyTemplate
from complaints.writing.reply_templates import unfilled
from demo import people, play
from followups.models import Callback, Escalation, Notice, Promise
from followups.promises import duties

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Wednesday afternoon there.
NOW = datetime(2026, 11, 18, 14, 20, tzinfo=SHANGHAI)
OURS = ["accounts", "complaints", "followups"]

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo as loaded at NOW, for every test of this module; rolled back after the last one."""
    quick = {
        "MEDIA_ROOT": tmp_path_factory.mktemp("evidence"),
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    }
    with django_db_blocker.unblock(), override_settings(**quick), transaction.atomic():
        yield play.load(NOW)
        transaction.set_rollback(True)


def counted() -> dict[str, int]:
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return {model._meta.label: model._default_manager.count() for model in models}


def test_it_has_sixty_one_complaints_in_every_state_and_of_every_kind(demo):
    assert demo == 61 == Complaint.objects.count()
    by_status = Counter(Complaint.objects.values_list("status", flat=True))
    assert set(by_status) == set(Status.values)
    assert min(by_status.values()) >= 4
    # Praise ends as it arrives: there is no work to show.
    assert set(Complaint.objects.values_list("kind", flat=True)) == set(Kind.values) - {Kind.PRAISE}
    channels = set(Complaint.objects.values_list("channel", flat=True))
    assert channels >= {Channel.PHONE, Channel.WALK_IN, Channel.WEB, Channel.EMAIL, Channel.BOOK, Channel.CALLBACK}


def test_no_open_case_of_it_stands_without_a_duty(demo):
    assert Complaint.objects.open().count() > 30
    assert duties.audit() == []


def test_cases_end_in_every_way_and_the_finished_ones_leave_a_lesson(demo):
    ended = Complaint.objects.filter(status=Status.ARCHIVED)
    assert set(ended.values_list("outcome", flat=True)) == set(Outcome.values) - {Outcome.THANKED}
    worked_through = ended.filter(outcome__in=[Outcome.SOLVED, Outcome.UNSOLVED])
    assert worked_through.count() > 10
    assert not worked_through.filter(lesson="").exists()
    assert ended.get(outcome=Outcome.DUPLICATE).duplicate_of.status == Status.ASSIGNED
    assert ComplaintEvent.objects.filter(kind="reopened").exists()
    assert ComplaintEvent.objects.filter(kind="reworked").exists()


def test_about_half_of_the_stories_are_told_in_each_language_and_none_twice(demo):
    by_language = Counter(Complaint.objects.values_list("language", flat=True))
    assert min(by_language["en"], by_language["zh-hans"]) >= 25
    assert len(set(Complaint.objects.values_list("narrative", flat=True))) == 61


def test_the_organisation_is_a_company_of_two_regions_five_stations_and_a_department(demo):
    kinds = Counter(Team.objects.values_list("kind", flat=True))
    assert kinds == {"company": 1, "region": 2, "site": 5, "department": 1}
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role.values)
    assert not Team.objects.filter(name_zh="").exists()
    assert AuthorityLimit.objects.count() == 4
    assert ReplyTemplate.objects.count() >= 10


def test_promises_are_kept_broken_and_due_within_hours(demo):
    states = Counter(Promise.objects.values_list("state", flat=True))
    assert states["kept"] > states["broken"] > 3
    soon = Promise.objects.filter(state="open", due_at__gt=NOW, due_at__lt=NOW + timedelta(hours=4))
    assert soon.count() >= 4
    assert not Promise.objects.filter(state="open", act_at__lte=NOW).exists()
    assert Promise.objects.filter(paused_since__isnull=False).exists()
    assert ComplaintEvent.objects.filter(kind="promise_moved").exists()


def test_what_breaks_is_in_the_history_at_the_moment_at_which_it_broke(demo):
    for promise in Promise.objects.filter(state="broken"):
        event = promise.complaint.events.get(kind="promise_broken", data__promise=promise.pk)
        assert event.at == promise.broken_at == promise.due_at


def test_supervisors_sign_in_time_and_leave_some_for_the_visitor(demo):
    unsigned = Escalation.objects.filter(signed_at=None)
    assert unsigned.exists()
    assert not unsigned.filter(sign_by__lte=NOW).exists()
    assert Escalation.objects.filter(signed_by__isnull=False).count() > 5


def test_every_history_is_unbroken_and_runs_forward(demo):
    for complaint in Complaint.objects.all():
        events = list(complaint.events.order_by("number"))
        assert list(broken_links(complaint, events)) == []
        moments = [event.at for event in events]
        assert moments == sorted(moments)
        assert moments[-1] <= NOW


def test_no_gate_was_passed_on_a_supervisors_word(demo):
    assert not ComplaintEvent.objects.filter(data__has_key="overridden").exists()


def test_solutions_are_chosen_approved_declined_and_waiting(demo):
    assert Option.objects.filter(chosen_at__isnull=False).exists()
    assert Option.objects.filter(approved_by__isnull=False).exists()
    assert Option.objects.exclude(declined_reason="").exists()
    assert any(option.waits_for_approval for option in Option.objects.all())


def test_customers_were_asked_and_answered_both_ways(demo):
    assert any(feedback.is_satisfied for feedback in Feedback.objects.all())
    assert any(feedback.is_unsatisfied for feedback in Feedback.objects.all())
    assert set(Callback.objects.values_list("state", flat=True)) >= {"open", "done", "given_up"}


def test_people_named_in_a_complaint_cannot_see_it_and_the_administrator_sees_none(demo):
    named = Complaint.objects.exclude(named_people=None)
    assert named.count() >= 3
    for complaint in named:
        for person in complaint.named_people.all():
            assert complaint not in Complaint.objects.visible_to(person)
    assert not Complaint.objects.visible_to(Person.objects.get(username="admin")).exists()
    assert Complaint.objects.visible_to(Person.objects.get(username="auditor")).count() == 61


def test_photos_can_be_shown(demo):
    photos = Evidence.objects.all()
    assert photos.count() >= 8
    assert photos.filter(uploaded_by=None).exists()
    assert photos.filter(uploaded_by__isnull=False).exists()
    assert all(photo.preview and photo.content_type == "image/jpeg" for photo in photos)


def test_no_text_shows_a_brace_that_nobody_filled(demo):
    texts = [*Message.objects.values_list("body", flat=True)]
    for names in (("narrative", "subject"), ("desired_outcome", "lesson")):
        texts += [text for row in Complaint.objects.values_list(*names) for text in row]
    texts += Promise.objects.values_list("words", flat=True)
    assert not [text for text in texts if "{" in text]
    for template in ReplyTemplate.objects.all():
        for body in (template.body, template.body_zh):
            assert unfilled(body)
            assert all(paragraph.count("\n") == 0 for paragraph in body.split("\n\n"))


def test_mail_of_the_stories_is_sent_already_except_that_of_the_last_hour(demo):
    queued = Notice.objects.filter(state=Notice.State.QUEUED)
    assert 0 < queued.count() < 40
    assert all(max(notice.created_at, notice.not_before) >= NOW - timedelta(hours=1) for notice in queued)
    for address in Notice.objects.exclude(channel=Notice.Channel.CALL).values_list("address", flat=True):
        assert address.endswith("@demo.example")


def test_loading_again_changes_nothing_not_even_what_a_visitor_changed(demo, settings):
    settings.DEBUG = True
    Team.objects.filter(name="Hexi Road station").update(phone="changed by a visitor")
    before = counted()
    said = StringIO()
    call_command("demo", stdout=said)
    assert counted() == before
    assert "nothing was changed" in said.getvalue()
    assert Team.objects.get(name="Hexi Road station").phone == "changed by a visitor"


def test_the_sign_ins_are_printed_with_the_password_that_works(demo):
    said = StringIO()
    call_command("demo", "--sign-ins", stdout=said)
    for row in ("frontline", "handler", "supervisor", "director", "reviewer", "auditor", "admin"):
        assert f"\n{row} " in said.getvalue()
    assert people.PASSWORD in said.getvalue()
    assert len(people.PASSWORD) >= 10
    assert Person.objects.get(username="handler").check_password(people.PASSWORD)
